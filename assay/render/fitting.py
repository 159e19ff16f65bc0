"""A table that fits the terminal: columns go by their worth, and no number is ever cut."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rich.box import SIMPLE_HEAD, Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

NARROWEST_NAME = 14
"""Cells below which a name is not folded while columns can still go."""
SHARE_OF_NAME = 3
"""A name that is longer than this part of the terminal is folded rather than that a column goes."""


@dataclass(frozen=True)
class FittedTable:
    """Rows of cells, drawn with the columns that the width has room for."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    expendable: Sequence[int] = ()
    """Numbers of the columns that may go, the least worth first."""
    names: Collection[int] = (0,)
    """Numbers of the columns that are folded, not dropped, where they are long."""
    left: Collection[int] = ()
    """Numbers of the columns that stand on the left, beside those of names."""
    styles: Mapping[str, str] = field(default_factory=dict)
    """Styles of cells by what they say."""
    box: Box | None = SIMPLE_HEAD
    title: str | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table, and name the columns that had to go."""
        kept = self.kept(options.max_width)
        drawn = RichTable(box=self.box, pad_edge=False, title=self.title, title_justify="left")
        for number in kept:
            named = number in self.names
            drawn.add_column(
                self.columns[number],
                justify="left" if named or number in self.left else "right",
                no_wrap=not named,
                overflow="fold",
            )
        for row in self.rows:
            cells = (row[number] for number in kept)
            drawn.add_row(*(Text(cell, style=self.styles.get(cell, "")) for cell in cells))
        yield drawn
        gone = [name for number, name in enumerate(self.columns) if number not in kept and name]
        if gone:
            yield Text(f"no room for: {', '.join(gone)}", style="dim")

    def kept(self, width: int) -> list[int]:
        """Return the numbers of the columns that fit into so many cells."""
        widths = [self._width(number, width) for number in range(len(self.columns))]
        for number in range(len(self.expendable) + 1):
            gone = set(islice(self.expendable, number))
            kept = [column for column in range(len(self.columns)) if column not in gone]
            if sum(widths[column] for column in kept) + self._between(len(kept)) <= width:
                break
        return kept

    def _between(self, columns: int) -> int:
        """Return how many cells lie between so many columns."""
        return (columns - 1) * (3 if self.box else 2)

    def _width(self, column: int, width: int) -> int:
        widest = max(cell_len(text) for text in (self.columns[column], *(row[column] for row in self.rows)))
        if column not in self.names:
            return widest
        return min(widest, max(NARROWEST_NAME, width // SHARE_OF_NAME // len(self.names)))
