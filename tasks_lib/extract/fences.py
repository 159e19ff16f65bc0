"""Blocks of code between fences, as models write them: CommonMark's rules, and what they forget of these."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import dedent

FENCE = re.compile(r"^([ \t>]*)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
PYTHON = re.compile(r"\{?\.?(?:i?py(?:thon)?[\d.]*|sage|python-repl)\b", re.IGNORECASE)
QUOTE = re.compile(r"^[ \t]*> ?", re.MULTILINE)
SAME_LINE = re.compile(r"((?:python3?|py)) +((?:def|class|import|from|@)\b.*)")
"""Code that begins on the line of its fence."""
DEEP = 4
"""Blanks before a fence, beyond those of the one that opened, that make it a line of code (CommonMark)."""
PROSE = frozenset({"markdown", "md"})


@dataclass
class Block:
    """One block: its language as it was written, its lines, and whether a fence closed it."""

    info: str
    lines: list[str] = field(default_factory=list)
    closed: bool = False
    fenced: bool = True
    indented: bool = False

    @property
    def text(self) -> str:
        """The code, moved to the left where the fence itself was indented."""
        text = "\n".join([*self.lines, ""] if self.closed or not self.fenced else self.lines)
        return dedent(QUOTE.sub("", text)) if self.indented else text

    @property
    def python(self) -> bool:
        """Whether it may be Python: said so, or nothing said."""
        language = self.info.strip()
        return not language or PYTHON.match(language) is not None


def blocks(text: str) -> Sequence[Block]:
    """List the blocks of a text in order; none where it has no fence.

    A bare fence that none has opened closes what the prompt had opened, where another kind of block follows
    it or nothing does: what stands before it is a block too.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    found: list[Block] = []
    current: Block | None = None
    fence, depth = "", 0
    before: list[str] = []
    for line in lines:
        match = FENCE.match(line)
        mark, info = (match[2], match[3].strip()) if match else ("", "")
        if current is None:
            if match is None:
                before.append(line)
            elif info.lower() not in PROSE:
                if not found and not info:
                    found.append(Block("", before, closed=True, fenced=False))
                current, fence, depth = _opened(info, match), mark, len(match[1].expandtabs())
                found.append(current)
            continue
        if match and len(match[1].expandtabs()) >= depth + DEEP:
            current.lines.append(line)
        elif mark.startswith(fence) and not info:
            current.closed, current = True, None
        elif mark and info and not current.info and len(mark) == len(fence):
            # The bare fence before has closed a block, and was not the beginning of one.
            current.fenced = False
            current, fence = Block(info, indented=bool(match and match[1])), mark
            found.append(current)
        elif line.rstrip().endswith(fence) and fence[0] == "`" and not line.strip().startswith("`"):
            current.lines.append(line.rstrip()[: -len(fence)])
            current.closed, current = True, None
        else:
            current.lines.append(line)
    if current is not None and not current.lines[0:1]:
        found.remove(current)
    return found


def _opened(info: str, match: re.Match[str]) -> Block:
    """Begin a block, with the code that stands on the line of its fence."""
    code = SAME_LINE.match(info)
    if code is None:
        return Block(info, indented=bool(match[1]))
    return Block(code[1], [code[2]], indented=bool(match[1]))
