"""What a running evaluation shows: a bar for each task, with rates, on standard error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from harnesses.evaluation.progress import Board, board
from harnesses.evaluation.progress import Progress as Counters

EVERY = 0.25
LINE_EVERY = 30.0
WITH_RATES, WITH_BAR = 80, 124
"""Cells from which rates are shown, and bars beside them."""


@asynccontextmanager
async def shown(console: Console) -> AsyncIterator[None]:
    """Show the evaluations of the block while it runs: bars in a terminal, else a line at times."""
    with board() as evaluations:
        watch = _bars(console, evaluations) if console.is_terminal else _lines(console, evaluations)
        watching = asyncio.create_task(watch)
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _bars(console: Console, evaluations: Board) -> None:
    columns = bar_columns(console.width)
    bars: dict[int, TaskID] = {}
    began = monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        while True:
            for key, counters in list(evaluations.items()):
                if not counters.expected:
                    continue
                if key not in bars:
                    bars[key] = progress.add_task(counters.title, total=counters.expected, rates="")
                progress.update(
                    bars[key], completed=counters.done, rates=_rates(counters, monotonic() - began)
                )
            for key in [key for key in bars if key not in evaluations]:
                progress.remove_task(bars.pop(key))
            await asyncio.sleep(EVERY)


def bar_columns(width: int) -> list[ProgressColumn]:
    """Return the columns that so many cells have room for: a narrow terminal has no bar, then no rates."""
    named = TextColumn("{task.description}", table_column=Column(overflow="fold", min_width=14))
    done = MofNCompleteColumn(table_column=Column(no_wrap=True))
    left = TimeRemainingColumn(table_column=Column(no_wrap=True))
    rates = TextColumn("{task.fields[rates]}", style="dim", table_column=Column(no_wrap=True))
    if width < WITH_RATES:
        return [named, done, left]
    if width < WITH_BAR:
        return [named, done, rates, left]
    return [named, BarColumn(bar_width=24), done, rates, left]


async def _lines(console: Console, evaluations: Board) -> None:
    began = monotonic()
    while True:
        await asyncio.sleep(LINE_EVERY)
        for counters in list(evaluations.values()):
            rates = _rates(counters, monotonic() - began)
            console.print(f"{counters.title}: {counters.done} of {counters.expected}, {rates}")


def _rates(counters: Counters, seconds: float) -> str:
    engine = counters.engine
    if engine is None:
        return ""
    parts = [
        f"{engine.stats.requests / max(seconds, 0.1):.0f} req/s",
        f"{engine.stats.completion_tokens / max(seconds, 0.1):.0f} tok/s",
        f"{engine.limit.in_flight} in flight",
    ]
    if doing := engine.provider.doing:
        parts.insert(0, doing)
    if counters.failed:
        parts.append(f"{counters.failed} failed")
    return ", ".join(parts)
