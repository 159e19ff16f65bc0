"""Find the program in what a model wrote."""

import re
import warnings
from ast import Module, PyCF_ONLY_AST, stmt, unparse
from collections.abc import Collection, Iterator, Sequence
from typing import cast

from tasks_lib.extract.fences import Block, blocks

LONGEST = 200_000
"""Characters of a text above which its statements are not looked for one by one."""
FUTURE = re.compile(r"^from __future__ import (?:\([^)]*\)|[^\n;]*)[^\S\n]*;?\n?", re.MULTILINE)
CLOSERS = re.compile(r"[)\]}]|(?:else|elif|except|finally|case)\b|@")
KEPT = frozenset({
    "Import", "ImportFrom", "FunctionDef", "AsyncFunctionDef", "ClassDef", "Assign", "AnnAssign", "If", "Try",
    "With", "For",
})  # fmt: skip
"""Statements that a function may need beside it; a line of prose that happens to parse is none."""


def fenced_code(text: str, *, names: Collection[str] = ()) -> str | None:
    """Return the program of a text; None where nothing is left.

    Of several blocks between fences, the last one that defines one of `names`, else the longest that may be
    Python. Without fences, a function called so is taken out of the prose around it, else all of the text.
    """
    found = blocks(text)
    chosen = _chosen(found, names) if found else None
    if chosen is not None:
        code = chosen.text
    elif any(block.fenced for block in found) and not defines(text, names):
        return None
    else:
        code = without_prose(text, names) if names else text
    return code if code.strip() else None


def defines(code: str, names: Collection[str]) -> bool:
    """Whether code defines one of the names at its outermost level."""
    wanted = "|".join(map(re.escape, names))
    pattern = rf"^(?:(?:async[ \t]+)?def|class)[ \t]+(?:{wanted})\b|^(?:{wanted})[ \t]*(?::[^=\n]*)?=[^=]"
    return bool(names) and re.search(pattern, code, re.MULTILINE) is not None


def future_first(program: str) -> str:
    """Move imports from `__future__` to the beginning, where alone Python takes them."""
    imports = FUTURE.findall(program)
    if not imports:
        return program
    return "".join(f"{line.rstrip().rstrip(';')}\n" for line in imports) + FUTURE.sub("", program)


def imports(code: str) -> str:
    """Return the imports of a program at its outermost level, one on each line."""
    nodes = [node for node in _statements(code) or [] if type(node).__name__ in {"Import", "ImportFrom"}]
    return "\n".join(map(unparse, nodes))


def without_prose(text: str, names: Collection[str]) -> str:
    """Return the statements of a text that define something, where one defines a name; else the text."""
    if len(text) > LONGEST or not defines(text, names) or _statements(text) is not None:
        return text
    kept = [piece for piece in _pieces(text) if (parsed := _statements(piece)) and _defining(parsed)]
    code = "\n".join(kept)
    return code if defines(code, names) else text


def _chosen(found: Sequence[Block], names: Collection[str]) -> Block | None:
    candidates = [block for block in found if block.python and block.text.strip()]
    if defining := [block for block in candidates if defines(block.text, names)]:
        return defining[-1]
    fenced = [block for block in candidates if block.fenced]
    opened = [block for block in candidates if not block.fenced and block.text[:1] in " \t"]
    return max(fenced, key=lambda block: len(block.text), default=None) if not opened else opened[0]


def _pieces(text: str) -> Iterator[str]:
    """Yield the text from one line without indentation to the next that begins something new."""
    piece: list[str] = []
    for line in text.split("\n"):
        begins = bool(line) and not line[0].isspace() and not CLOSERS.match(line)
        if piece and begins and not piece[-1].startswith("@"):
            yield "\n".join(piece)
            piece = []
        piece.append(line)
    yield "\n".join(piece)


def _statements(text: str) -> list[stmt] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return cast("Module", compile(text, "answer", "exec", PyCF_ONLY_AST)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defining(statements: list[stmt]) -> bool:
    return all(type(statement).__name__ in KEPT for statement in statements)
