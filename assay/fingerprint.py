"""Canonical hashing: equal content has equal fingerprints, in any process and on any machine.

A definition is hashed by its values and by the code of its functions: their syntax tree without
docstrings, what they close over, and the functions of ours they call. Formatting and comments are free.
"""

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from types import FunctionType

import orjson
from pydantic import BaseModel

OURS = ("assay", "tasks_lib", "harnesses", "sandbox")
CHUNK = 1 << 20


def fingerprint(value: object, *, length: int = 32) -> str:
    """Hash any value made of records, dataclasses, containers, scalars and functions (hex digits)."""
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


def canonical(value: object) -> object:  # noqa: PLR0911, PLR0912 - one branch for each type
    """Reduce a value to JSON, naming the type where two types could be confused."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return {"bytes": value.hex()}
        case Path():
            return value.as_posix()
        case BaseModel():
            return {"type": type(value).__name__, **_items(dict(value))}
        case FunctionType():
            return _function(value, seen=frozenset())
        case partial():
            return ["partial", canonical(value.func), canonical(value.args), canonical(value.keywords)]
        case Mapping():
            return _items(value)
        case Set():
            return sorted((canonical(v) for v in value), key=orjson.dumps)
        case Sequence():
            return [canonical(v) for v in value]
        case type():
            return f"{value.__module__}.{value.__qualname__}"
    if is_dataclass(value):
        return {
            "type": type(value).__name__,
            **{f.name: canonical(getattr(value, f.name)) for f in fields(value)},
        }
    if hasattr(value, "pattern"):
        return {"pattern": value.pattern, "flags": int(getattr(value, "flags", 0))}
    if callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', repr(value))}"
    raise TypeError(f"cannot fingerprint a {type(value).__name__}")


def _items(value: Mapping[str, object]) -> dict[str, object]:
    return {str(k): canonical(v) for k, v in value.items()}


def _function(function: FunctionType, *, seen: frozenset[str]) -> object:
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return name
    seen |= {name}
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    called = {
        used: _function(other, seen=seen)
        for used in sorted(function.__code__.co_names)
        if isinstance(other := function.__globals__.get(used), FunctionType)
        and other.__module__.partition(".")[0] in OURS
    }
    constants = {
        used: canonical(other)
        for used in sorted(function.__code__.co_names)
        if isinstance(other := function.__globals__.get(used), str | int | float | tuple)
        or hasattr(other, "pattern")
    }
    return {
        "code": _source(function),
        "defaults": canonical(function.__defaults__ or ()),
        "closure": {
            k: _function(cell.cell_contents, seen=seen)
            if isinstance(cell.cell_contents, FunctionType)
            else canonical(cell.cell_contents)
            for k, cell in cells.items()
        },
        "calls": called,
        "constants": constants,
    }


def _source(function: FunctionType) -> str:
    """Render a function's syntax tree without docstrings, or its bytecode where no source is kept."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)).strip())
    except (OSError, SyntaxError, TypeError):
        return function.__code__.co_code.hex() + repr(function.__code__.co_consts)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
