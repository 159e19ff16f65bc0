"""Which few-shots a question gets: they belong to the question, whatever else is asked in the same run."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import count, islice

from pydantic import JsonValue

from assay.errors import BadSpec
from assay.fingerprint import digest
from assay.records import Question
from tasks_lib.task import Task

Chooser = Callable[[Question], Sequence[Question]]
LM_EVAL_SEED = 1234


def chooser(task: Task, questions: Sequence[Question], pool: Sequence[Question]) -> Chooser:
    """Return the function that gives each question its few-shots; raises BadSpec where there are too few.

    `by_question` draws by hash(seed, question id); `first` takes the first of the pool; both leave out the
    question itself. `fixed` takes the dialect's list. `lm-eval` repeats that harness's stream: one
    generator for all questions of the split in their official order.
    """
    if not task.shots:
        return lambda question: ()
    fixed = (task.fixed_shots or pool)[: task.shots]
    if task.shot_rule == "fixed":
        _check(task, len(fixed))
        return lambda question: fixed
    if task.shot_rule == "lm-eval":
        return _stream(task, questions, pool)
    groups = _grouped(task, pool)
    _check(task, min(len(group) for group in groups.values()))
    draw = _first if task.shot_rule == "first" else _drawn
    return lambda question: draw(task, question, groups.get(_group(task, question), ()))


def _group(task: Task, question: Question) -> JsonValue:
    return question.fields.get(task.shot_field) if task.shot_field else None


def _grouped(task: Task, pool: Iterable[Question]) -> dict[JsonValue, list[Question]]:
    groups = defaultdict(list)
    for shot in pool:
        groups[_group(task, shot)].append(shot)
    return groups


def _first(task: Task, question: Question, pool: Sequence[Question]) -> Sequence[Question]:
    shots = tuple(islice((shot for shot in pool if shot.digest != question.digest), task.shots))
    _check(task, len(shots))
    return shots


def _drawn(task: Task, question: Question, pool: Sequence[Question]) -> Sequence[Question]:
    """Draw without replacement: the n-th candidate is row hash(seed, question id, n) modulo the pool."""
    if len(pool) <= task.shots:
        _check(task, len([shot for shot in pool if shot.digest != question.digest]))
    chosen: dict[int, Question] = {}
    for attempt in count():
        place = int(digest(f"{task.seed}\0{question.id}\0{attempt}".encode(), length=16), 16) % len(pool)
        if place not in chosen and pool[place].digest != question.digest:
            chosen[place] = pool[place]
        if len(chosen) == task.shots:
            break
    return tuple(chosen.values())


def _stream(task: Task, questions: Sequence[Question], pool: Sequence[Question]) -> Chooser:
    """Draw as lm-evaluation-harness does: one more where shots and questions share a split.

    Source: its `lm_eval/api/samplers.py`; the generator is seeded once for a task.
    """
    same = task.fewshot == task.source
    stream = random.Random(LM_EVAL_SEED)  # noqa: S311
    _check(task, len(pool) - same)
    drawn = {
        question.id: stream.sample(range(len(pool)), task.shots + same) for question in questions
    }  # fmt: skip

    def shots(question: Question) -> Sequence[Question]:
        others = (
            pool[place] for place in drawn[question.id] if not same or pool[place].digest != question.digest
        )
        return tuple(islice(others, task.shots))

    return shots


def _check(task: Task, available: int) -> None:
    if available < task.shots:
        raise BadSpec(
            f"{task.name!r} asks for {task.shots} few-shots and there are {available}.",
            remedy="Ask for fewer, or choose another -o shot_rule or fewshot_split.",
        )
