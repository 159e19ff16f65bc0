"""The border between the command line and Prefect, whose modules cost seconds and read the environment.

`load_flows` starts the server first and imports the flows then, in this order.
"""

import gc
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from assay.names import several, short_checkpoint
from assay.prefect_server import ensure, keep
from assay.render.terminal import console

if TYPE_CHECKING:
    from flows.suite import Outcome
    from harnesses.evaluation.spec import Spec

QUIET = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_FLOW_RUNS_LEVEL": "CRITICAL",
}
"""Prefect's log goes to its UI; the terminal is for what concerns the user."""


class Flows(NamedTuple):
    """What a command needs of `flows`, loaded."""

    Spec: "type[Spec]"
    evaluate: "Callable[..., Coroutine[object, object, Sequence[Outcome]]]"
    worst_exit: "Callable[[Sequence[Outcome]], int]"


@contextmanager
def no_collection() -> Iterator[None]:
    """Look for no garbage while modules are loaded: a tenth of the loading time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def load_flows() -> Flows:
    """Make sure that a Prefect server answers, then import the flows; raises ServerError."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    server = ensure()
    keep(server.url)
    with no_collection():
        suite = import_module("flows.suite")
        spec = import_module("harnesses.evaluation.spec")
        progress = import_module("assay.cli.progress")

    async def evaluate(specs: "Sequence[Spec]", *, quiet: bool) -> "Sequence[Outcome]":
        screen = console(stderr=True)
        if not quiet:
            screen.print(f"Prefect UI: {server.ui_url}", style="dim")
        tasks = several([one.task for one in specs], what="tasks")
        names = [
            short_checkpoint(one.checkpoint, training_run=one.training_run, step=one.step) for one in specs
        ]
        title = f"{tasks} on {several(names, what='checkpoints')}"
        async with progress.shown(screen):
            outcomes: Sequence[Outcome] = await suite.evaluate_tasks(list(specs), title)
        return outcomes

    return Flows(spec.Spec, evaluate, suite.worst_exit)
