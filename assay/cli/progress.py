"""What a running evaluation shows: a bar for each task, with rates, on standard error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from flows.workspace import ACTIVE, Workspace

EVERY = 0.25
LINE_EVERY = 30.0


@asynccontextmanager
async def shown(console: Console) -> AsyncIterator[None]:
    """Show the evaluations of this process while the block runs: bars in a terminal, else a line at times."""
    watch = _bars(console) if console.is_terminal else _lines(console)
    watching = asyncio.create_task(watch)
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _bars(console: Console) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rates]}", style="dim"),
        TimeRemainingColumn(),
    )
    known: dict[str, TaskID] = {}
    began = monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        while True:
            for key, work in list(ACTIVE.items()):
                if not work.expected:
                    continue
                if key not in known:
                    known[key] = progress.add_task(work.spec.title, total=work.expected, rates="")
                progress.update(known[key], completed=work.done, rates=_rates(work, monotonic() - began))
            for key in [key for key in known if key not in ACTIVE]:
                progress.remove_task(known.pop(key))
            await asyncio.sleep(EVERY)


async def _lines(console: Console) -> None:
    began = monotonic()
    while True:
        await asyncio.sleep(LINE_EVERY)
        for work in list(ACTIVE.values()):
            rates = _rates(work, monotonic() - began)
            console.print(f"{work.spec.title}: {work.done} of {work.expected}, {rates}")


def _rates(work: Workspace, seconds: float) -> str:
    stats = work.lease.engine.stats
    parts = [
        f"{stats.requests / max(seconds, 0.1):.0f} req/s",
        f"{stats.completion_tokens / max(seconds, 0.1):.0f} tok/s",
        f"{work.lease.engine.limit.in_flight} in flight",
    ]
    if doing := work.lease.provider.doing:
        parts.insert(0, doing)
    if work.failed:
        parts.append(f"{work.failed} failed")
    return ", ".join(parts)
