"""`assay inspect`: the exact prompt of a question, and what a given answer would score."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import orjson
import typer
from rich.console import Console

from assay.cli.arguments import TaskOptions, TasksDir, TaskSpec
from assay.cli.options import Json, read_settings
from assay.errors import UnknownName, UsageError
from assay.records import Question, Request, Sample, Score
from assay.render.terminal import console
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.questions import load
from tasks_lib.scoring import score_sample
from tasks_lib.spec import resolve_task
from tasks_lib.task import Task


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("inspect", help=help_)(inspect)


def inspect(
    spec: TaskSpec,
    question: Annotated[
        str, typer.Option("--question", "-q", help="Row of the data set, from 0, or question id.")
    ] = "0",
    answer: Annotated[str | None, typer.Option(help="Score this text as the model's answer.")] = None,
    option: TaskOptions = None,
    tasks_dir: TasksDir = None,
    json: bool = Json,
) -> None:
    """Show the request that the question makes, and the score of an answer."""
    task = resolve_task(spec, read_settings(option or (), flag="-o"))
    loaded = load(task)
    chosen = find(loaded.questions, question)
    request = loaded.request(task, chosen)
    scores = [] if answer is None else asyncio.run(_scored(task, chosen, answer))
    gold = task.prompt.gold(chosen)
    if json:
        told = {
            "task": task.name,
            "question": chosen.model_dump(mode="json"),
            "shots": [shot.id for shot in loaded.shots(chosen)],
            "request": request.model_dump(mode="json"),
            "gold": gold,
            "scores": [score.model_dump(mode="json") for score in scores],
        }
        print(orjson.dumps(told).decode())
        return
    screen = console()
    screen.print(f"[bold]{task.name}[/bold]  question {chosen.id} (row {chosen.row})")
    _show(screen, request)
    _part(screen, "gold answer", repr(gold))
    if scores:
        _part(screen, "score of the answer", "\n".join(map(_told, scores)))


def find(questions: Sequence[Question], wanted: str) -> Question:
    """Find a question by row, else by id; raises UnknownName and UsageError."""
    for one in questions:
        if wanted == str(one.row):
            return one
    for one in questions:
        if wanted == one.id:
            return one
    if wanted.isdecimal():
        raise UsageError(f"There is no row {wanted}: the last is {questions[-1].row}.")
    raise UnknownName("question", wanted, [one.id for one in questions])


async def _scored(task: Task, question: Question, answer: str) -> list[Score]:
    async with Pool(await plan(task.needs)) as pool:
        return await score_sample(task, question, Sample(question_id=question.id, output=answer), pool=pool)


def _show(screen: Console, request: Request) -> None:
    if request.kind == "loglikelihood":
        for context in dict.fromkeys(pair.context for pair in request.pairs):
            after = [repr(pair.continuation) for pair in request.pairs if pair.context == context]
            _part(screen, "prompt", context)
            _part(screen, "continuations whose likelihood is asked", "\n".join(after))
        return
    _part(screen, "prompt", request.prompt)
    if request.messages:
        turns = [f"{turn.role}: {turn.content}" for turn in request.messages]
        _part(screen, "the same as chat turns", "\n".join(turns))
    settings = request.sampling.model_dump(mode="json", exclude_none=True)
    shown = (f"{key} {value!r}" for key, value in settings.items() if value not in ([], {}))
    _part(screen, "sampling", ", ".join(shown))


def _part(screen: Console, title: str, text: str) -> None:
    """Print a text as it is: what looks like markup or is longer than the screen is left alone."""
    screen.rule(title, align="left")
    screen.print(text, markup=False, soft_wrap=True, emoji=False)


def _told(score: Score) -> str:
    extracted = "" if score.answer is None else f", extracted {score.answer!r}"
    why = f" ({score.explanation})" if score.explanation else ""
    return f"{score.metric}: {score.status}, value {score.value}{extracted}{why}"
