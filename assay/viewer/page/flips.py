"""The changed questions as a page shows them: texts made safe, differences found, commands written."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from assay.fingerprint import fingerprint
from assay.render.numbers import DASH
from assay.report.models import Answer, Comparison, Flip, TaskComparison
from assay.viewer.page.diff import Piece, mark_answer, word_diff
from assay.viewer.page.texts import head, shortened, visible

QUESTION_HEAD = 140
ENDINGS = ("truncated", "unparsed", "failed")


@dataclass(frozen=True, kw_only=True)
class ShownAnswer:
    """What one side said."""

    said: str
    """In a few characters: the extracted answer, else the score."""
    pieces: list[Piece]
    status: str
    score: str
    extracted: str | None
    explanation: str | None
    run: str


@dataclass(frozen=True, kw_only=True)
class ShownFlip:
    """One changed question."""

    slug: str
    """Part of its permalink; the same on every page, as it comes from task and question."""
    task: str
    id: str
    direction: str
    delta: str
    """B - A, turned so that more is better."""
    claimed: bool
    """Whether the task's own difference is resolved, without which nothing is shown in red or green."""
    head: str
    text: str
    choices: list[str]
    target: str | None
    cluster: str | None
    flaky: bool
    ended: str
    """How a side ended that did not simply answer; empty where both did."""
    a: ShownAnswer
    b: ShownAnswer
    compared: bool
    command: str


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """How many of a task's changed questions a page holds."""

    task: str
    changed: int
    fixed: int
    broke: int

    @property
    def left_out(self) -> int:
        """How many it does not hold."""
        return self.changed - self.fixed - self.broke


def shown_flips(comparison: Comparison) -> list[ShownFlip]:
    """Prepare each flip that a comparison carries."""
    verdicts = {task.task: task.verdict for task in comparison.tasks}
    return [_flip(flip, verdict=verdicts.get(flip.task, "unresolved")) for flip in comparison.flips]


def chosen(comparison: Comparison) -> Iterator[Chosen]:
    """Say for each task how many of its changed questions are there."""
    for task in comparison.tasks:
        fixed, broke = (count_flips(comparison, task, way) for way in ("fixed", "broke"))
        yield Chosen(task=task.task, changed=task.wins + task.losses, fixed=fixed, broke=broke)


def count_flips(comparison: Comparison, task: TaskComparison, way: str) -> int:
    """Count the flips of a task that a comparison carries in one direction."""
    return sum(flip.task == task.task and flip.direction == way for flip in comparison.flips)


def _flip(flip: Flip, *, verdict: str) -> ShownFlip:
    texts = [shortened(visible(one.output)) for one in (flip.a, flip.b)]
    found = word_diff(*texts)
    ended = [one.status for one in (flip.a, flip.b) if one.status in ENDINGS]
    return ShownFlip(
        slug=f"flip-{fingerprint([flip.task, visible(flip.question_id)])[:10]}",
        task=flip.task,
        id=visible(flip.question_id),
        direction=flip.direction,
        delta=f"{flip.delta:.6g}",
        claimed=verdict in {"improved", "regressed"},
        head=head(flip.text, most=QUESTION_HEAD),
        text=shortened(visible(flip.text)),
        choices=[visible(choice) for choice in flip.choices],
        target=None if flip.target is None else shortened(visible(flip.target)),
        cluster=None if flip.cluster is None else visible(flip.cluster),
        flaky=flip.flaky,
        ended=" ".join(dict.fromkeys(ended)),
        a=_answer(flip.a, found.a),
        b=_answer(flip.b, found.b),
        compared=found.compared,
        command=shlex.join(["assay", "inspect", flip.task, "--question", visible(flip.question_id)]),
    )


def _answer(answer: Answer, pieces: list[Piece]) -> ShownAnswer:
    extracted = None if answer.extracted is None else visible(answer.extracted)
    score = DASH if answer.value is None else f"{answer.value:.3g}"
    return ShownAnswer(
        said=score if extracted is None else head(extracted),
        pieces=mark_answer(pieces, extracted),
        status=answer.status,
        score=score,
        extracted=None if extracted is None else shortened(extracted),
        explanation=None if answer.explanation is None else shortened(visible(answer.explanation)),
        run=answer.run,
    )
