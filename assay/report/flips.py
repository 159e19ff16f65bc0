"""The questions on which the two sides differ, with what each said."""

from collections.abc import Sequence

from assay.records import Question, Run, Sample, Score
from assay.report.models import Answer, Flip
from assay.report.task import Tested
from assay.store.store import Store

SHOWN_FLIPS = 200
SHOWN_CHANGES = 10
"""Of a task whose scores are numbers, where every question differs a little."""


def list_flips(
    store: Store, pairs: Sequence[tuple[Run, Run]], tested: Sequence[Tested], *, most: int
) -> tuple[list[Flip], int]:
    """List the largest differences of each task, the losses first; and how many were left out."""
    flips: list[Flip] = []
    left_out = 0
    share = max(1, most // max(1, len(tested)))
    for (a, b), task in zip(pairs, tested, strict=True):
        differing = [
            (float(y - x), place) for place, (x, y) in enumerate(zip(task.a, task.b, strict=True)) if x != y
        ]
        differing.sort(key=lambda one: (one[0] > 0, -abs(one[0]), one[1]))
        worse = [one for one in differing if one[0] < 0]
        better = [one for one in differing if one[0] > 0]
        binary = task.shown.table is not None
        kept = _balanced(worse, better, most=share if binary else min(share, SHOWN_CHANGES))
        left_out += len(differing) - len(kept)
        flips += _flips(store, a, b, task, kept)
    return flips, left_out


def _balanced(
    worse: list[tuple[float, int]], better: list[tuple[float, int]], *, most: int
) -> list[tuple[float, int]]:
    """Keep losses and wins alike where not all fit."""
    half = most // 2
    room = max(half, most - len(better))
    kept = worse[:room]
    return kept + better[: most - len(kept)]


def _flips(store: Store, a: Run, b: Run, task: Tested, kept: Sequence[tuple[float, int]]) -> list[Flip]:
    if not kept:
        return []
    ids = {task.aligned.ids[place] for _, place in kept}
    questions = store.questions(a.task_fingerprint)
    told = [_answers(store, run, ids, task.metric) for run in (a, b)]
    return [
        _flip(a, b, task, questions[id_], delta, place, [side[id_] for side in told])
        for delta, place in kept
        for id_ in (task.aligned.ids[place],)
    ]


def _flip(
    a: Run, b: Run, task: Tested, question: Question, delta: float, place: int, told: Sequence[Answer]
) -> Flip:
    samples = (task.aligned.a[place].known, task.aligned.b[place].known)
    return Flip(
        task=task.shown.task,
        question_id=question.id,
        direction="fixed" if delta > 0 else "broke",
        text=question.text,
        target=_target(question),
        cluster=question.cluster,
        choices=question.choices,
        delta=delta,
        a=told[0],
        b=told[1],
        flaky=any(len(set(values)) > 1 for values in samples),
    )


def _target(question: Question) -> str | None:
    return (
        question.choices[question.answer]
        if question.answer is not None and question.choices
        else question.target
    )


def _answers(store: Store, run: Run, ids: set[str], metric: str) -> dict[str, Answer]:
    scores = {
        s.question_id: s
        for s in store.scores(run.id, metric=metric)
        if s.question_id in ids and not s.sample_index
    }
    outputs = {s.question_id: s for s in store.samples(run.id) if s.question_id in ids and not s.index}
    return {id_: _answer(run, outputs[id_], score) for id_, score in scores.items()}


def _answer(run: Run, sample: Sample, score: Score) -> Answer:
    return Answer(
        output=sample.output or ", ".join(f"{ll.logprob:.3f}" for ll in sample.loglikelihoods),
        extracted=score.answer,
        value=score.value,
        status=score.status,
        explanation=score.explanation,
        run=run.id,
    )
