"""Rows become questions: read, identified, checked, and limited to a prefix of a fixed shuffle."""

import hashlib
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest

import orjson
from pydantic import ValidationError

from assay.errors import AssayError, BadRow, BadSpec, DatasetNotFound, DuplicateQuestion, EmptyDataset
from assay.extensions import described, foreign_code
from assay.fingerprint import digest, fingerprint
from assay.records import Question, Request
from assay.spool import Chosen, Spool
from tasks_lib.shots import Chooser, chooser
from tasks_lib.task import Row, Source, Task

ID_LENGTH = 16
LEFT_OUT = frozenset(".,:;!?'\"_`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f")
"""What `text_key` does not look at, beside white space and dashes."""
PROBED = 20
"""Requests that stand for all of a task's when two tasks are asked whether they ask the same."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The questions of a run, and how each is asked."""

    questions: Sequence[Question]
    dataset_digest: str
    """Hash of all rows of the split, limited or not."""
    task_fingerprint: str
    """Hash of the definition and of the rows, those of the few-shots included."""
    shots: Chooser

    def request(self, task: Task, question: Question) -> Request:
        """Build what is asked of the model, few-shots included."""
        shots = self.shots(question)
        with foreign_code(
            f"The prompt of {task.name!r}, on question {question.id!r},", remedy="Fix the task's `prompt`."
        ):
            return task.prompt.request(question, shots=shots, sampling=task.generate)

    def asked(self, task: Task) -> str:
        """Hash what some of the questions are asked; two tasks of one hash may share their answers."""
        some = nsmallest(PROBED, self.questions, key=lambda question: question.id)
        return fingerprint([task.samples, *(self.request(task, question) for question in some)])


def load(task: Task, *, limit: int | None = None) -> Loaded:
    """Read the questions of a task; raises DataError.

    `limit` takes the first questions of a fixed shuffle by hash(seed, question id): the questions of a
    smaller limit are the first ones of a larger limit, and their prompts are the same.
    """
    if limit is not None and limit < 1:
        raise BadSpec(f"A limit of {limit} questions leaves none.", remedy="Give 1 or more.")
    questions, dataset_digest = read(task.source, task.question, what=task.name)
    pool, shots_digest = _pool(task)
    return Loaded(
        questions=questions if limit is None else shuffled(questions, seed=task.seed, limit=limit),
        dataset_digest=dataset_digest,
        task_fingerprint=fingerprint([task.definition(), dataset_digest, shots_digest]),
        shots=chooser(task, questions, pool),
    )


def read(source: Source, build: Callable[[Row], Question], *, what: str) -> tuple[Sequence[Question], str]:
    """Turn all rows of a source into questions and hash the rows; raises DataError."""
    return _questions(source.rows(), build, what=what)


def shuffled(questions: Sequence[Question], *, seed: int, limit: int) -> Chosen[Question]:
    """Take the first `limit` questions in the order of hash(seed, question id)."""
    drawn = [digest(f"{seed}\0{question.id}".encode()) for question in questions]
    return Chosen(questions, array("q", nsmallest(limit, range(len(drawn)), key=drawn.__getitem__)))


def content_digest(question: Question) -> str:
    """Hash what a question says: everything but its id, its row and where it was found."""
    said = (
        question.text, question.target, question.aliases, question.choices, question.answer, question.cluster,
        question.fields,
    )  # fmt: skip
    return digest(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


def _pool(task: Task) -> tuple[Sequence[Question], str]:
    """Read what few-shots are taken from, where any are."""
    fixed = task.shot_rule == "fixed"
    if not task.shots or task.fewshot is None or (fixed and task.fixed_shots):
        return [], ""
    what = f"{task.name} (few-shots)"
    try:
        rows = list(task.fewshot.rows())
    except DatasetNotFound as error:
        raise DatasetNotFound(
            f"The few-shots of {task.name!r} cannot be read: {error.what}",
            remedy=f"{error.remedy} Without few-shots: {task.name}:0shot.",
        ) from error
    if fixed:
        rows = keyed_rows(task, rows, what=what) if task.shot_keys else fixed_rows(task, rows)
    shots, shots_digest = _questions(rows, task.question, what=what)
    # Held, since every question takes some of them.
    return list(shots), shots_digest


def text_key(text: str) -> str:
    """Hash a text without case, white space and punctuation marks: sixteen hex digits of SHA-256."""
    plain = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(c for c in plain if not (c.isspace() or c in LEFT_OUT or unicodedata.category(c) == "Pd"))
    return hashlib.sha256(kept.encode()).hexdigest()[:ID_LENGTH]


def keyed_rows(task: Task, rows: Sequence[Row], *, what: str) -> list[Row]:
    """Find the few-shots a dialect fixes by the keys of their texts; raises BadRow where one is missing."""
    by_key: dict[str, Row] = {}
    for number, row in enumerate(rows):
        by_key.setdefault(text_key(task.key_text(_built(task.question, row, number, what=what))), row)
    keys = task.shot_keys[: task.shots]
    if missing := [str(number) for number, key in enumerate(keys, start=1) if key not in by_key]:
        raise BadRow(
            f"Some few-shots that {task.name!r} fixes are not in the data, by number",
            ids=missing,
            remedy="Name a file that holds them (-o fewshot_source=FILE), or choose another dialect.",
        )
    return [by_key[key] for key in keys]


def fixed_rows(task: Task, rows: Sequence[Row]) -> list[Row]:
    """Find the rows a dialect fixes as few-shots, else the first; raises BadRow where one is not there."""
    if not task.shot_rows:
        return list(rows[: task.shots])
    found = []
    for wanted in task.shot_rows[: task.shots]:
        if isinstance(wanted, int):
            match = rows[wanted : wanted + 1]
        else:
            match = [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]
        if len(match) != 1:
            raise BadRow(
                f"The few-shot {wanted!r} that {task.name!r} fixes fits {len(match)} of {len(rows)} rows.",
                remedy="Use the data set revision the task names, or -o shot_rule=by_question.",
            )
        found.append(match[0])
    return found


def _questions(
    rows: Iterable[Row], build: Callable[[Row], Question], *, what: str
) -> tuple[Sequence[Question], str]:
    state = hashlib.blake2b(digest_size=16)
    questions = Spool(Question)
    given: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for number, row in enumerate(rows):
        state.update(_bytes(row, number, what=what))
        question = _built(build, row, number, what=what)
        if question.id:
            given[question.id] += 1
        questions.append(_identified(question, number, seen=seen))
    if not questions:
        raise EmptyDataset(f"The data of {what!r} has no rows.", remedy="Check the split or the file.")
    _check_ids(given, what=what)
    return questions, state.hexdigest()


def _bytes(row: Row, number: int, *, what: str) -> bytes:
    try:
        return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE, default=_hex)
    except TypeError as error:
        raise BadRow(
            f"Row {number} of {what!r} holds what is no plain value: {error}.", remedy="Drop that column."
        ) from error


def _hex(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def _built(build: Callable[[Row], Question], row: Row, number: int, *, what: str) -> Question:
    try:
        question = build(row)
        if question.answer is not None and not 0 <= question.answer < len(question.choices):
            raise IndexError(f"the answer {question.answer} is none of {len(question.choices)} choices")
    except AssayError:
        raise
    except Exception as error:
        raise BadRow(
            f"Row {number} of {what!r} cannot be turned into a question: {_reason(error)}.",
            remedy=f"Its columns are {', '.join(map(str, row))}; mend the row or the task's `question`.",
        ) from error
    return question


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return described(error)


def _check_ids(given: Counter[str], *, what: str) -> None:
    if len(given) < given.total():
        twice = sorted(one for one, count in given.items() if count > 1)
        raise DuplicateQuestion(
            f"{len(twice)} ids stand for more than one question of {what!r}",
            ids=twice,
            remedy="Make the ids differ, or leave them out to have them made from the content.",
        )


def _identified(question: Question, number: int, *, seen: Counter[str]) -> Question:
    """Set row, digest and id; content that occurs again is numbered in the order of the rows."""
    content = content_digest(question)
    own = question.id
    if not own:
        seen[content] += 1
        own = content[:ID_LENGTH] + (f"-{seen[content]}" if seen[content] > 1 else "")
    return question.model_copy(update={"row": number, "digest": content, "id": own})
