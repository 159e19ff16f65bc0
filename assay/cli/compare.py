"""`assay compare`: two checkpoints or runs, question by question."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.cli.options import CHECKPOINT, Json, Verbose, read_size
from assay.lookup.labels import read_labels
from assay.lookup.sides import load_side
from assay.render import markdown, terminal
from assay.report import compare as comparing
from assay.report.models import Comparison, Flip
from assay.report.rules import Method
from assay.store.store import Store
from assay.viewer.page.document import page, write_page
from assay.visible import visible

SHOWN = ("task", "metric", "delta", "se", "low", "high", "p", "n", "wins", "losses", "ties", "mde", "verdict")
BESIDE = (
    *("df", "level", "p_second", "p_holm", "p_better", "correlation", "pairing_gain", "pairing", "method"),
    *("margin", "one_sided_low", "sentence", "undefined", "notes", "counts_a", "counts_b", "judges"),
)
FLIP_TEXT = 240


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("compare", help=help_)(compare)


def compare(
    a: Annotated[str, typer.Argument(help=f"Baseline. {CHECKPOINT}")],
    b: Annotated[str, typer.Argument(help=f"Candidate. {CHECKPOINT}")],
    margin: Annotated[
        str | None, typer.Option(help="Difference that does not matter, such as 1pp; else each task's own.")
    ] = None,
    alpha: Annotated[float, typer.Option(min=1e-6, max=0.5, help="Level of the tests.")] = 0.05,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Compare the questions both have.")
    ] = False,
    method: Annotated[
        Method,
        typer.Option(help="auto, t, bootstrap, or cuped, where B was asked a random part of A's questions."),
    ] = "auto",
    judge_labels: Annotated[
        Path | None,
        typer.Option(
            help="JSONL of what people would score a random part of the questions (a judge's metric)."
        ),
    ] = None,
    seed_a: Annotated[
        list[str] | None, typer.Option(help="Run or checkpoint by A's recipe with another seed; repeatable.")
    ] = None,
    seed_b: Annotated[list[str] | None, typer.Option(help="The same of B's recipe; repeatable.")] = None,
    flips: Annotated[int, typer.Option(min=0, help="How many changed answers to show.")] = 6,
    html: Annotated[Path | None, typer.Option(help="Write the comparison as one HTML file.")] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print markdown.")] = False,
    verbose: bool = Verbose,
    json: bool = Json,
) -> None:
    """Show the paired differences B - A with their intervals, the verdict, and which answers changed."""
    limit = None if margin is None else read_size(margin, flag="--margin")
    labels = None if judge_labels is None else read_labels(judge_labels)
    with Store.open() as store:
        found = comparing.compare(
            load_side(store, a, seeds=seed_a or ()),
            load_side(store, b, seeds=seed_b or ()),
            margin=limit,
            alpha=alpha,
            allow_partial=allow_partial,
            method=method,
            labels=labels,
        )
        store.save_comparison(found.id, a, b, found.model_dump(mode="json"))
    if json:
        print(orjson.dumps(plain(found)).decode())
    elif as_markdown:
        print(visible(markdown.comparison(found)))
    else:
        screen = terminal.console()
        screen.print(terminal.comparison(found, verbose=verbose))
        for flip in some_of_each(found.flips, most=flips):
            screen.print(_flip(flip), markup=False)
    if html is not None:
        write_page(html, page(title=f"{b} against {a}", comparison=found))
        terminal.console(stderr=True).print(f"Written to {html}", markup=False)


def plain(found: Comparison) -> dict[str, object]:
    """Write a comparison as the JSON of `assay compare --json`."""
    told = {*SHOWN, *BESIDE}
    return {
        "id": found.id,
        "a": found.a.model_dump(mode="json"),
        "b": found.b.model_dump(mode="json"),
        "differs": [one.model_dump() for one in found.differs],
        "tasks": [task.model_dump(mode="json", include=told) for task in found.tasks],
        "suite": found.suite.model_dump(mode="json"),
        "only_a": found.only_a,
        "only_b": found.only_b,
        "flips": [flip.model_dump(mode="json") for flip in found.flips],
        "family": found.family.model_dump(),
    }


def some_of_each(flips: Sequence[Flip], *, most: int) -> list[Flip]:
    """Choose flips of every task and both directions in turn, as far as there is room, in their order."""
    kinds: dict[tuple[str, str], list[Flip]] = defaultdict(list)
    for flip in flips:
        kinds[flip.task, flip.direction].append(flip)
    in_turn = (flip for row in zip_longest(*kinds.values()) for flip in row if flip is not None)
    kept = {(flip.task, flip.question_id) for flip in islice(in_turn, most)}
    return [flip for flip in flips if (flip.task, flip.question_id) in kept]


def _flip(flip: Flip) -> str:
    said = [f"  {side}: {_end(one.output)}" for side, one in (("A", flip.a), ("B", flip.b))]
    said += [] if flip.target is None else [f"  gold: {_end(flip.target)}"]
    return "\n".join([f"{flip.direction} {flip.task} {flip.question_id}: {_beginning(flip.text)}", *said])


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= FLIP_TEXT else f"{line[:FLIP_TEXT]}…"


def _end(text: str) -> str:
    """Cut the beginning: what an answer comes to stands at its end."""
    line = " ".join(text.split())
    return line if len(line) <= FLIP_TEXT else f"…{line[-FLIP_TEXT:]}"
