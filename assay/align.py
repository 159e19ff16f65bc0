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


class Asked(NamedTuple):
    """One question of a run: what its samples scored; None where one failed."""

    values: tuple[float | None, ...]
    digest: str
    cluster: str | None = None
    weight: float = 1.0

    @property
    def known(self) -> tuple[float, ...]:
        """The values of the samples that have one."""
        if None in self.values:
            return tuple(value for value in self.values if value is not None)
        return cast("tuple[float, ...]", self.values)


@dataclass(frozen=True)
class Aligned:
    """The questions two runs share, in order, and what is left over."""

    ids: tuple[str, ...]
    a: tuple[Asked, ...]
    b: tuple[Asked, ...]
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    missing_a: int = 0
    """Questions of A without any value, because all their samples failed."""
    missing_b: int = 0

    @property
    def clusters(self) -> tuple[str | None, ...] | None:
        """The cluster of each question; None where there are none."""
        found = tuple(one.cluster for one in self.a)
        return found if any(cluster is not None for cluster in found) else None

    @property
    def coverage(self) -> float:
        """Share of all questions of either run that both have a value for."""
        lost = len(self.only_a) + len(self.only_b) + self.unpaired
        return len(self.ids) / (len(self.ids) + lost)

    unpaired: int = 0
    """Questions in both runs of which one has no value."""


def questions(columns: Columns, *, run: str = "") -> dict[str, Asked]:
    """Group the samples of each question; raises DuplicateQuestion where a sample is there twice."""
    ids = columns.question_id
    if len(set(ids)) == len(ids):
        values = [(value,) for value in columns.value]
        return dict(
            zip(ids, map(Asked, values, columns.digest, columns.cluster, columns.weight), strict=True)
        )
    twice = Counter(zip(ids, columns.sample_index, strict=True))
    if repeated := sorted({id_ for (id_, _), count in twice.items() if count > 1}):
        raise DuplicateQuestion(
            f"Run {run or '?'} has {len(repeated)} questions twice", ids=repeated, remedy="Evaluate it again."
        )
    samples: dict[str, list[float | None]] = defaultdict(list)
    about: dict[str, tuple[str, str | None, float]] = {}
    rows = zip(ids, columns.value, columns.digest, columns.cluster, columns.weight, strict=True)
    for id_, value, digest, cluster, weight in rows:
        samples[id_].append(value)
        about[id_] = (digest, cluster, weight)
    return {id_: Asked(tuple(found), *about[id_]) for id_, found in samples.items()}


def align(a: Mapping[str, Asked], b: Mapping[str, Asked], *, allow_partial: bool = False) -> Aligned:
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
    missing = [{id_ for id_, one in side.items() if not one.known} for side in (a, b)]
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
    )


def worst_case(
    a: Mapping[str, Asked], b: Mapping[str, Asked], *, low: float = 0.0, high: float = 1.0
) -> tuple[float, float]:
    """Bound the mean difference B - A over all questions of either run, each unknown at its extremes."""
    ids = list(dict.fromkeys([*a, *b]))
    least = sum(_mean(b.get(i), low) - _mean(a.get(i), high) for i in ids)
    most = sum(_mean(b.get(i), high) - _mean(a.get(i), low) for i in ids)
    return least / len(ids), most / len(ids)


def _mean(asked: Asked | None, otherwise: float) -> float:
    if asked is None or not asked.known:
        return otherwise
    return sum(asked.known) / len(asked.known)


def _refuse(
    ids: Iterable[str], error: type[QuestionChanged | ClusterDisagrees], what: str, remedy: str
) -> None:
    if found := list(ids):
        raise error(f"{len(found)} {what}", ids=found, remedy=remedy)
