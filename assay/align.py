"""Match two runs question by question, before any statistic; what does not match is an error naming ids."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

from assay.errors import ClusterDisagrees, DuplicateQuestion, NothingInCommon, PartialOverlap, QuestionChanged

PARTIAL = "Compare what both have with --allow-partial, or evaluate both on the same questions."


class Columns(Protocol):
    """The scores of one metric of one run, one sample at each position."""

    @property
    def question_id(self) -> Sequence[str]: ...
    @property
    def sample_index(self) -> Sequence[int]: ...
    @property
    def value(self) -> Sequence[float | None]: ...
    @property
    def weight(self) -> Sequence[float]: ...
    @property
    def digest(self) -> Sequence[str]: ...
    @property
    def cluster(self) -> Sequence[str | None]: ...


class QuestionScores(NamedTuple):
    """What the samples of one question scored; None where one failed."""

    values: tuple[float | None, ...]
    digest: str
    cluster: str | None = None
    weight: float = 1.0

    @property
    def scored(self) -> tuple[float, ...]:
        """The values of the samples that have one."""
        if None in self.values:
            return tuple(value for value in self.values if value is not None)
        return cast("tuple[float, ...]", self.values)


@dataclass(frozen=True)
class Aligned:
    """The questions two runs share, in order, and what is left over."""

    ids: tuple[str, ...]
    a: tuple[QuestionScores, ...]
    b: tuple[QuestionScores, ...]
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    missing_a: int = 0
    """Questions of A without any value, because all their samples failed."""
    missing_b: int = 0
    unpaired: int = 0
    """Questions in both runs of which one has no value."""
    samples_a: int = 1
    """Samples of a question of A, where none is missing."""
    samples_b: int = 1

    @property
    def clusters(self) -> tuple[str | None, ...] | None:
        """The cluster of each question; None where there are none."""
        names = tuple(question.cluster for question in self.a)
        return names if any(name is not None for name in names) else None

    @property
    def partial_a(self) -> int:
        """Paired questions that lack some of A's samples."""
        return sum(share < 1 for share in self._shares(self.a, self.samples_a))

    @property
    def partial_b(self) -> int:
        """Paired questions that lack some of B's samples."""
        return sum(share < 1 for share in self._shares(self.b, self.samples_b))

    @property
    def weight(self) -> float:
        """Paired questions, of which one that lacks some of its samples counts in part."""
        if self.samples_a == self.samples_b == 1:
            return len(self.ids)
        shares = (self._shares(self.a, self.samples_a), self._shares(self.b, self.samples_b))
        return sum(map(min, *shares))

    @property
    def coverage(self) -> float:
        """Share of all questions of either run that both have a value for; partial ones count in part."""
        return self.weight / (len(self.ids) + len(self.only_a) + len(self.only_b) + self.unpaired)

    @staticmethod
    def _shares(side: Sequence[QuestionScores], samples: int) -> list[float]:
        return [len(question.scored) / samples for question in side]


def by_question(columns: Columns, *, run: str = "") -> dict[str, QuestionScores]:
    """Group the samples of each question; raises DuplicateQuestion where a sample is there twice."""
    ids = columns.question_id
    if len(set(ids)) == len(ids):
        values = [(value,) for value in columns.value]
        questions = map(QuestionScores, values, columns.digest, columns.cluster, columns.weight)
        return dict(zip(ids, questions, strict=True))
    occurrences = Counter(zip(ids, columns.sample_index, strict=True))
    if repeated := sorted({id_ for (id_, _), count in occurrences.items() if count > 1}):
        raise DuplicateQuestion(
            f"Run {run or '?'} has {len(repeated)} questions twice", ids=repeated, remedy="Evaluate it again."
        )
    samples: dict[str, list[float | None]] = defaultdict(list)
    about: dict[str, tuple[str, str | None, float]] = {}
    for id_, value, digest, cluster, weight in zip(
        ids, columns.value, columns.digest, columns.cluster, columns.weight, strict=True
    ):
        samples[id_].append(value)
        about[id_] = (digest, cluster, weight)
    return {id_: QuestionScores(tuple(scores), *about[id_]) for id_, scores in samples.items()}


def align(
    a: Mapping[str, QuestionScores], b: Mapping[str, QuestionScores], *, allow_partial: bool = False
) -> Aligned:
    """Pair the questions of A with those of B, by id and content, in the order of A.

    Raises NothingInCommon, QuestionChanged, ClusterDisagrees, and PartialOverlap where one run has
    questions that the other lacks, unless that is allowed.
    """
    common = [id_ for id_ in a if id_ in b]
    only_a, only_b = tuple(i for i in a if i not in b), tuple(i for i in b if i not in a)
    if not common:
        raise NothingInCommon(
            f"The runs share no question: A has {len(a)}, B has {len(b)}.",
            remedy="Compare runs of the same task.",
        )
    _refuse(
        (id_ for id_ in common if a[id_].digest != b[id_].digest),
        QuestionChanged,
        "questions mean different things in the two runs",
        "Evaluate both checkpoints on the same version of the data set.",
    )
    _refuse(
        (id_ for id_ in common if a[id_].cluster != b[id_].cluster),
        ClusterDisagrees,
        "questions belong to other clusters in the two runs",
        "Evaluate both checkpoints with the same task definition.",
    )
    if (only_a or only_b) and not allow_partial:
        raise PartialOverlap(
            f"{len(only_a)} questions are only in A and {len(only_b)} only in B",
            ids=[*only_a, *only_b],
            remedy=PARTIAL,
        )
    missing = [{id_ for id_, question in side.items() if not question.scored} for side in (a, b)]
    lost = missing[0] | missing[1]
    paired = [id_ for id_ in common if id_ not in lost] if lost else common
    if not paired:
        raise NothingInCommon(
            "No question has a value in both runs.", remedy="Resume the runs whose samples failed."
        )
    return Aligned(
        ids=tuple(paired),
        a=tuple(a[id_] for id_ in paired),
        b=tuple(b[id_] for id_ in paired),
        only_a=only_a,
        only_b=only_b,
        missing_a=len(missing[0]),
        missing_b=len(missing[1]),
        unpaired=len(common) - len(paired),
        samples_a=samples_each(a),
        samples_b=samples_each(b),
    )


def samples_each(side: Mapping[str, QuestionScores]) -> int:
    """Return how many samples a question has where none is missing."""
    return max((len(question.values) for question in side.values()), default=1)


def worst_case(
    a: Mapping[str, QuestionScores],
    b: Mapping[str, QuestionScores],
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> tuple[float, float]:
    """Bound the mean difference B - A over all questions of either run, missing samples at their extremes."""
    ids = list(dict.fromkeys([*a, *b]))
    k_a, k_b = samples_each(a), samples_each(b)
    least = sum(_filled(b.get(i), low, k_b) - _filled(a.get(i), high, k_a) for i in ids)
    most = sum(_filled(b.get(i), high, k_b) - _filled(a.get(i), low, k_a) for i in ids)
    return least / len(ids), most / len(ids)


def _filled(question: QuestionScores | None, fill: float, samples: int) -> float:
    """Return the mean of a question's samples with `fill` for each that is missing."""
    scored = () if question is None else question.scored
    size = max(samples, len(scored))
    return (sum(scored) + fill * (size - len(scored))) / size


def _refuse(
    ids: Iterable[str], error: type[QuestionChanged | ClusterDisagrees], what: str, remedy: str
) -> None:
    if refused := list(ids):
        raise error(f"{len(refused)} {what}", ids=refused, remedy=remedy)
