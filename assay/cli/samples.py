"""`assay samples`: look at the answers of a run."""

from itertools import islice
from typing import Annotated

import orjson
import typer

from assay.cli.options import RUN, Json
from assay.lookup.answers import answers
from assay.lookup.runs import find_run
from assay.records import Status
from assay.render.terminal import console
from assay.report.side import Transcript
from assay.store.store import Store


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("samples", help=help_)(samples)


def samples(
    ref: Annotated[str, typer.Argument(help=RUN)],
    status: Annotated[Status | None, typer.Option("--status", help="Only answers with this status.")] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="Only answers with a value of 0.")] = False,
    most: Annotated[int, typer.Option("-n", min=1, help="Number of answers to show.")] = 5,
    json: bool = Json,
) -> None:
    """Show questions with what was answered, what was extracted of it, and what that scored."""
    with Store.open() as store:
        run = find_run(store, ref)
        shown = list(islice(answers(store, run, status=status, wrong=wrong), most))
    if json:
        print(orjson.dumps({"run": run.id, "samples": [plain(answer) for answer in shown]}).decode())
        return
    if not shown:
        console().print("No such answer.", markup=False)
    for answer in shown:
        _show(answer)


def plain(answer: Transcript) -> dict[str, object]:
    """Write an answer as the JSON of `assay samples --json`."""
    return {
        "question": answer.question.model_dump(mode="json"),
        "sample": answer.sample.model_dump(mode="json"),
        "score": answer.score.model_dump(mode="json"),
    }


def _show(answer: Transcript) -> None:
    question, sample, score = answer
    screen = console()
    screen.rule(
        f"{question.id}, sample {sample.index}: {score.status}, {score.metric} {score.value}", align="left"
    )
    for title, text in (
        ("question", question.text),
        ("gold", question.target),
        ("answer", sample.output),
        ("extracted", score.answer),
        ("why", score.explanation or (sample.failure and sample.failure.message)),
    ):
        if text:
            screen.print(f"{title}: {text}", markup=False, soft_wrap=True, emoji=False)
