"""`assay inspect`: the exact prompt of a question, and what a given answer would score."""

from collections.abc import Sequence
from typing import Annotated

import orjson
import typer

from assay.cli.options import Json, read_settings
from assay.errors import UnknownName
from assay.records import Question, Sample, Score
from assay.render.terminal import console
from tasks_lib.questions import load
from tasks_lib.scoring import score_text
from tasks_lib.spec import resolve_task


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("inspect", help=help_)(inspect)


def inspect(
    spec: Annotated[str, typer.Argument(help="Task[:variant...]")],
    question: Annotated[
        str, typer.Option("--question", "-q", help="Row of the data set, or question id.")
    ] = "0",
    answer: Annotated[str | None, typer.Option(help="Score this text as the model's answer.")] = None,
    option: Annotated[list[str] | None, typer.Option("-o", "--option", help="key=value of the task.")] = None,
    json: bool = Json,
) -> None:
    """Show the request that the question makes, and the score of an answer."""
    task = resolve_task(spec, read_settings(option or (), flag="-o"))
    loaded = load(task)
    chosen = find(loaded.questions, question)
    request = loaded.request(task, chosen)
    scores: list[Score] = []
    if answer is not None and not task.needs:
        sample = Sample(question_id=chosen.id, output=answer)
        scores = score_text(task, chosen, sample)
    told = {
        "task": task.name,
        "question": chosen.model_dump(mode="json"),
        "request": request.model_dump(mode="json"),
        "gold": task.prompt.gold(chosen),
        "scores": [score.model_dump(mode="json") for score in scores],
    }
    if json:
        print(orjson.dumps(told).decode())
        return
    screen = console()
    screen.print(f"[bold]{task.name}[/bold]  question {chosen.id} (row {chosen.row})")
    screen.rule("prompt", align="left")
    screen.print(request.prompt or request.pairs[0].context, markup=False)
    if request.pairs:
        screen.rule("continuations", align="left")
        for pair in request.pairs:
            screen.print(repr(pair.continuation), markup=False)
    screen.rule("gold", align="left")
    screen.print(repr(told["gold"]), markup=False)
    for score in scores:
        told_score = f"{score.metric}: {score.status}, value {score.value}, extracted {score.answer!r}"
        screen.print(told_score, markup=False)


def find(questions: Sequence[Question], wanted: str) -> Question:
    """Find a question by row or id; raises UnknownName."""
    for one in questions:
        if wanted in (one.id, str(one.row)):
            return one
    raise UnknownName("question", wanted, [one.id for one in questions])
