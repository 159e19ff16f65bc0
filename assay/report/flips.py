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
    changes = [_changes(task) for task in tested]
    wanted = [
        len(found) if task.shown.table is not None else min(len(found), SHOWN_CHANGES)
        for found, task in zip(changes, tested, strict=True)
    ]
    flips: list[Flip] = []
    for (a, b), task, found, room in zip(pairs, tested, changes, shares(wanted, most=most), strict=True):
        flips += _flips(store, a, b, task, _balanced(found, most=room))
    return flips, sum(map(len, changes)) - len(flips)


def shares(wanted: Sequence[int], *, most: int) -> list[int]:
    """Divide `most` places: each task gets what it wants, or else as much as any other."""
    given = [0] * len(wanted)
    left = most
    for rest, place in enumerate(sorted(range(len(wanted)), key=lambda place: wanted[place])):
        given[place] = min(wanted[place], left // (len(wanted) - rest))
        left -= given[place]
    return given


def _changes(task: Tested) -> list[tuple[float, int]]:
    """List the differences of a task with their places, the largest losses first, then the largest wins."""
    found = [(float(y - x), place) for place, (x, y) in enumerate(zip(task.a, task.b, strict=True)) if x != y]
    return sorted(found, key=lambda one: (one[0] > 0, -abs(one[0]), one[1]))


def _balanced(changes: Sequence[tuple[float, int]], *, most: int) -> list[tuple[float, int]]:
    """Keep losses and wins alike where not all fit."""
    worse = [one for one in changes if one[0] < 0]
    better = [one for one in changes if one[0] > 0]
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
