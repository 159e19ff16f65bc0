"""The questions on which the two sides differ, with what each answered."""

from collections.abc import Sequence

from assay.records import Question
from assay.report.changes import Change, shares
from assay.report.models import Answer, Flip
from assay.report.pairing import RunPair
from assay.report.side import Transcript
from assay.report.task import TestedTask


def list_flips(pairs: Sequence[RunPair], tasks: Sequence[TestedTask], *, most: int) -> tuple[list[Flip], int]:
    """List the largest differences of each task, the losses first; and how many were left out.

    Questions whose texts were not kept are left out.
    """
    granted = shares([task.changes.worth_showing for task in tasks], most=most)
    flips: list[Flip] = []
    for pair, task, room in zip(pairs, tasks, granted, strict=True):
        flips += _flips(pair, task, task.changes.balanced(most=room))
    return flips, sum(task.changes.total for task in tasks) - len(flips)


def _flips(pair: RunPair, task: TestedTask, changes: Sequence[Change]) -> list[Flip]:
    if not changes:
        return []
    ids = {change.question_id for change in changes}
    a, b = (scored.transcripts(task.shown.metric, ids) for scored in pair)
    return [
        _flip(task.shown.task, change, pair, a[id_], b[id_])
        for change in changes
        if (id_ := change.question_id) in a and id_ in b
    ]


def _flip(task: str, change: Change, pair: RunPair, a: Transcript, b: Transcript) -> Flip:
    question = a.question
    return Flip(
        task=task,
        question_id=question.id,
        direction="fixed" if change.delta > 0 else "broke",
        text=question.text,
        target=_target(question),
        cluster=question.cluster,
        choices=question.choices,
        delta=change.delta,
        a=_answer(pair.a.run.id, a),
        b=_answer(pair.b.run.id, b),
        flaky=change.flaky,
    )


def _target(question: Question) -> str | None:
    return (
        question.choices[question.answer]
        if question.answer is not None and question.choices
        else question.target
    )


def _answer(run: str, transcript: Transcript) -> Answer:
    sample, score = transcript.sample, transcript.score
    return Answer(
        output=sample.output or ", ".join(f"{ll.logprob:.3f}" for ll in sample.loglikelihoods),
        extracted=score.answer,
        value=score.value,
        status=score.status,
        explanation=score.explanation,
        run=run,
    )
