"""Canonical hashing: equal content has equal fingerprints, in any process and on any machine.

A definition is hashed by its values and by the code of its functions: their syntax tree without
docstrings, what they close over, the constants they name, and the functions they call that come from the
same package or from Assay. Formatting and comments are free.
"""

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType

import orjson
from pydantic import BaseModel

OURS = frozenset({"assay", "tasks_lib", "harnesses", "sandbox"})
CHUNK = 1 << 20
CONSTANT = (str, bytes, int, float, tuple, frozenset, partial, BaseModel)
"""What a function may name and must not change unnoticed; lists and the like where named as constants."""


def fingerprint(value: object, *, length: int = 32) -> str:
    """Hash any value made of records, dataclasses, containers, scalars and functions (hex digits).

    Raises TypeError for what has no content to hash, such as a lock.
    """
    return digest(orjson.dumps(canonical(value), option=orjson.OPT_SORT_KEYS), length=length)


def digest(data: bytes, *, length: int = 32) -> str:
    """Hash bytes to `length` hex digits."""
    return hashlib.blake2b(data, digest_size=length // 2).hexdigest()


def file_digest(path: Path) -> str:
    """Hash a file's content, or a folder's: names and contents of all files below, in order."""
    state = hashlib.blake2b(digest_size=16)
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        state.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                state.update(chunk)
    return state.hexdigest()


def canonical(value: object, *, seen: frozenset[str] = frozenset()) -> object:  # noqa: PLR0911, PLR0912
    """Reduce a value to JSON, naming the type where two types could be confused.

    `seen` holds the functions and classes that this value is part of, where recursion ends.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return {"bytes": value.hex()}
        case Path():
            return value.as_posix()
        case BaseModel():
            return {"type": type(value).__name__, **_items(dict(value), seen=seen)}
        case FunctionType():
            return _function(value, seen=seen)
        case MethodType():
            return ["method", canonical(value.__func__, seen=seen), canonical(value.__self__, seen=seen)]
        case partial():
            parts = (value.func, value.args, value.keywords)
            return ["partial", *(canonical(part, seen=seen) for part in parts)]
        case Mapping():
            return _items(value, seen=seen)
        case Set():
            return sorted((canonical(v, seen=seen) for v in value), key=orjson.dumps)
        case Sequence():
            return [canonical(v, seen=seen) for v in value]
        case type():
            return f"{value.__module__}.{value.__qualname__}"
        case CodeType():
            return [value.co_code.hex(), canonical(value.co_consts, seen=seen), list(value.co_names)]
    if hasattr(value, "pattern"):
        return {"pattern": value.pattern, "flags": int(getattr(value, "flags", 0))}
    if isinstance(wrapped := getattr(value, "__wrapped__", None), FunctionType):
        return canonical(wrapped, seen=seen)
    if is_dataclass(value) or type(value).__module__.partition(".")[0] != "builtins":
        return _object(value, seen=seen)
    if callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', repr(value))}"
    raise TypeError(f"cannot fingerprint a {type(value).__name__}")


def _items(value: Mapping[str, object], *, seen: frozenset[str]) -> dict[str, object]:
    return {str(k): canonical(v, seen=seen) for k, v in value.items()}


def _object(value: object, *, seen: frozenset[str]) -> object:
    """Hash an object by its fields and by its methods, which say what it does."""
    kind = type(value)
    if is_dataclass(value):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
    elif hasattr(value, "__dict__"):
        held = dict(vars(value))
    else:
        raise TypeError(f"cannot fingerprint a {kind.__name__}")
    return {"type": kind.__name__, **_items(held, seen=seen), "methods": _methods(kind, seen=seen)}


def _methods(kind: type, *, seen: frozenset[str]) -> Mapping[str, object]:
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name in seen or kind.__module__ == "builtins":
        return {}
    seen |= {name}
    return {
        f"{base.__qualname__}.{key}": _function(function, seen=seen)
        for base in kind.__mro__
        for key, member in vars(base).items()
        if (function := _defined(member))
        and function.__module__ == base.__module__
        and (not key.startswith("__") or key == "__call__")
    }


def _defined(member: object) -> FunctionType | None:
    """Return the function behind a member of a class: method, property, static or class method."""
    inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    return inner if isinstance(inner, FunctionType) else None


def _function(function: FunctionType, *, seen: frozenset[str]) -> object:
    # Two functions may share a name, such as two lambdas, or even the code, with other values closed over.
    identity = str(id(function))
    if identity in seen:
        return f"{function.__module__}.{function.__qualname__}"
    seen |= {identity}
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {
        "code": _source(function),
        "defaults": canonical(function.__defaults__ or (), seen=seen),
        "keyword_defaults": canonical(function.__kwdefaults__ or {}, seen=seen),
        "closure": {key: canonical(cell.cell_contents, seen=seen) for key, cell in cells},
        "globals": {key: canonical(other, seen=seen) for key, other in _named(function)},
    }


def _named(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Yield the globals a function names that can change what it does."""
    near = OURS | {_root(function.__module__)}
    names = sorted(set(_names(function.__code__)))
    for name in names:
        other = function.__globals__.get(name)
        if isinstance(other, ModuleType) and _root(other.__name__) in near:
            inside = ((f"{name}.{part}", vars(other).get(part)) for part in names)
            yield from ((key, part) for key, part in inside if _counts(key, part, near=near))
        elif _counts(name, other, near=near):
            yield name, other


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names in a function's code and in that of the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _counts(name: str, other: object, *, near: Set[str]) -> bool:
    function = getattr(other, "__wrapped__", other)
    if isinstance(function, FunctionType):
        return _root(function.__module__) in near
    if isinstance(other, type | ModuleType):
        return False
    if isinstance(other, list | dict | set):
        return name.rpartition(".")[2].lstrip("_").isupper()
    return isinstance(other, CONSTANT) or hasattr(other, "pattern") or is_dataclass(other)


def _root(module: str | None) -> str:
    """Name the package of a module; code run from a text has none."""
    return (module or "").partition(".")[0]


def _source(function: FunctionType) -> object:
    """Render a function's syntax tree without docstrings, or its bytecode where no source is kept."""
    try:
        nodes = _nodes("".join(inspect.findsource(function)[0]))
    except (OSError, SyntaxError, TypeError, IndexError):
        return canonical(function.__code__)
    found = nodes.get((function.__name__, function.__code__.co_firstlineno))
    return list(found) if found else canonical(function.__code__)


@cache
def _nodes(source: str) -> Mapping[tuple[str, int], Sequence[str]]:
    """List the functions of a module by name and first line; several lambdas may share a line."""
    nodes: dict[tuple[str, int], list[str]] = {}
    for node in ast.walk(ast.parse(textwrap.dedent(source))):
        if isinstance(node, ast.Lambda):
            nodes.setdefault(("<lambda>", node.lineno), []).append(ast.dump(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(part.lineno for part in (node, *node.decorator_list))
            nodes[node.name, first] = [_dumped(node)]
    return nodes


def _dumped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(function)
