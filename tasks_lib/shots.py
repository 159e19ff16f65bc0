"""Which few-shots a question gets: they belong to the question, whatever else is asked in the same run."""

import random
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count, islice
from typing import NamedTuple

from pydantic import JsonValue

from assay.errors import BadSpec, DatasetNotFound
from assay.fingerprint import digest
from assay.records import Question
from tasks_lib.task import Task

Chooser = Callable[[Question], Sequence[Question]]
UNSPOKEN = re.compile(r"[\s.,:;!?'\"_`\u2018\u2019\u201c\u201d]+")
"""What makes no other question of the same words."""
LM_EVAL_SEED = OLMES_SEED = LLM_FOUNDRY_SEED = 1234


def chooser(task: Task, questions: Sequence[Question], pool: Sequence[Question]) -> Chooser:
    """Return the function that gives each question its few-shots; raises BadSpec where there are too few.

    `by_question` draws by hash(seed, question id); `first` takes the first of the pool; both leave out the
    question itself and its twins: the same words, with a choice in common where there are choices.
    `fixed` takes the dialect's list. `lm-eval` repeats that harness's stream: one generator for all
    questions of the split in their official order; `lm-eval-one-more` is the stream it
    has where a task names neither a test nor a few-shot split. `olmes` draws once for all questions,
    the question itself not excepted, unless as `olmes-one-more`; `olmes-shuffle` takes the first of the
    shuffled pool; `llm-foundry` repeats that harness's stream.
    """
    if not task.shots:
        return lambda question: ()
    fixed = (task.fixed_shots or pool)[: task.shots]
    if task.shot_rule == "fixed":
        _check(task, len(fixed))
        return lambda question: fixed
    if task.shot_rule in {"lm-eval", "lm-eval-one-more"}:
        return _stream(task, questions, pool)
    if task.shot_rule in {"olmes", "olmes-one-more", "olmes-shuffle"}:
        return _same_for_all(task, pool)
    if task.shot_rule == "llm-foundry":
        return _replacing_stream(task, questions)
    groups = {name: Group.of(shots) for name, shots in _grouped(task, pool)}
    _check(task, min((len(group.shots) for group in groups.values()), default=0))
    draw = _first if task.shot_rule == "first" else _drawn
    return lambda question: draw(task, question, groups.get(_group(task, question), NO_GROUP))


class Group(NamedTuple):
    """What a question's few-shots are taken from, and how often each content stands there."""

    shots: Sequence[Question]
    copies: Mapping[str, int]
    worded: Mapping[str, Sequence[int]] = {}
    """Where few-shots of the same words stand."""

    @classmethod
    def of(cls, shots: Sequence[Question]) -> "Group":
        """Gather the few-shots of a group."""
        worded = defaultdict(list)
        for place, shot in enumerate(shots):
            worded[wording(shot)].append(place)
        return cls(shots, Counter(shot.digest for shot in shots), dict(worded))

    def twins(self, question: Question) -> frozenset[int]:
        """Find the few-shots that are the question itself, or ask the same in the same words."""
        choices = set(map(_spoken, question.choices))
        return frozenset(
            place
            for place in self.worded.get(wording(question), ())
            if not choices or not choices.isdisjoint(map(_spoken, self.shots[place].choices))
        )

    def without(self, question: Question) -> int:
        """Count the few-shots that are not the question itself."""
        return len(self.shots) - self.copies.get(question.digest, 0)


def wording(question: Question) -> str:
    """Write a question's text without case, white space and punctuation marks."""
    return _spoken(question.text)


def _spoken(text: str) -> str:
    return UNSPOKEN.sub("", unicodedata.normalize("NFKC", text).casefold())


NO_GROUP = Group((), {})


def _group(task: Task, question: Question) -> JsonValue:
    return question.fields.get(task.shot_field) if task.shot_field else None


def _grouped(task: Task, pool: Iterable[Question]) -> Iterable[tuple[JsonValue, list[Question]]]:
    groups = defaultdict(list)
    for shot in pool:
        groups[_group(task, shot)].append(shot)
    return groups.items()


def _first(task: Task, question: Question, group: Group) -> Sequence[Question]:
    _check(task, group.without(question))
    twins = group.twins(question)
    others = (
        shot
        for place, shot in enumerate(group.shots)
        if shot.digest != question.digest and place not in twins
    )
    return tuple(islice(others, task.shots))


def _drawn(task: Task, question: Question, group: Group) -> Sequence[Question]:
    """Draw without replacement: the n-th candidate is row hash(seed, question id, n) modulo the pool."""
    _check(task, group.without(question))
    twins = group.twins(question)
    left = len(group.shots) - len(twins)
    chosen: dict[int, Question] = {}
    for attempt in count():
        if len(chosen) == min(task.shots, left):
            break
        drawn = int(digest(f"{task.seed}\0{question.id}\0{attempt}".encode(), length=16), 16)
        place = drawn % len(group.shots)
        if group.shots[place].digest != question.digest and place not in twins:
            chosen.setdefault(place, group.shots[place])
    return tuple(chosen.values())


def _stream(task: Task, questions: Sequence[Question], pool: Sequence[Question]) -> Chooser:
    """Draw as lm-evaluation-harness does: one more where it takes shots and questions to share a split.

    Source: its `lm_eval/api/samplers.py`; the generator is seeded once for a task.
    """
    same = task.fewshot == task.source
    more = same or task.shot_rule == "lm-eval-one-more"
    stream = random.Random(LM_EVAL_SEED)  # noqa: S311
    _check(task, len(pool) - more)
    drawn = {q.id: array("q", stream.sample(range(len(pool)), task.shots + more)) for q in questions}

    def shots(question: Question) -> Sequence[Question]:
        others = (
            pool[place] for place in drawn[question.id] if not more or pool[place].digest != question.digest
        )
        return tuple(islice(others, task.shots))

    return shots


def _same_for_all(task: Task, pool: Sequence[Question]) -> Chooser:
    """Draw as OLMES does: the same few-shots for every question, from a generator seeded anew each time.

    Of a split for training it leaves out nothing, so that where it evaluates that split a question can be
    its own few-shot; of others (`olmes-one-more`) it draws one more, in the question's stead.
    """
    more = task.shot_rule == "olmes-one-more"
    _check(task, len(pool) - more)
    generator = random.Random(OLMES_SEED)  # noqa: S311
    if task.shot_rule == "olmes-shuffle":
        drawn = list(pool)
        generator.shuffle(drawn)
    else:
        drawn = generator.sample(pool, task.shots + more)

    def shots(question: Question) -> Sequence[Question]:
        others = (shot for shot in drawn if not more or shot.digest != question.digest)
        return tuple(islice(others, task.shots))

    return shots


def _replacing_stream(task: Task, questions: Sequence[Question]) -> Chooser:
    """Draw as llm-foundry does, from the questions themselves: one generator for all of them, in order.

    A draw that holds the question itself loses it and gets another row instead; the few-shots stand in the
    order of a Python set of their positions. Source: `get_fewshot_sample_idxs` of its `eval/datasets`.
    """
    count = len(questions)
    _check(task, count - 1)
    generator = random.Random(LLM_FOUNDRY_SEED)  # noqa: S311
    drawn: dict[str, array[int]] = {}
    for place, question in enumerate(questions):
        chosen = set(generator.sample(range(count), task.shots))
        if place in chosen:
            chosen.remove(place)
            other = generator.choice(range(count))
            while other in chosen or other == place:
                other = generator.choice(range(count))
            chosen.add(other)
        drawn[question.id] = array("q", chosen)
    return lambda question: tuple(questions[place] for place in drawn[question.id])


def _check(task: Task, available: int) -> None:
    if task.shots and task.fewshot is None and task.shot_keys:
        raise DatasetNotFound(
            f"The few-shots of {task.name!r} are in no data set.",
            remedy=f"Name a file: -o fewshot_source=FILE. Without few-shots: {task.name}:0shot.",
        )
    if available < task.shots:
        raise BadSpec(
            f"{task.name!r} asks for {task.shots} few-shots and there are {available}.",
            remedy="Ask for fewer, or name a file of more: -o fewshot_source=FILE",
        )
