"""What is compared: runs with their scores, held as values or read when they are needed."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from assay.align import Columns
from assay.errors import UnknownName
from assay.records import Question, Run, Sample, Score
from assay.report.models import SideSummary


class Transcript(NamedTuple):
    """A question with what a run answered and how that was scored."""

    question: Question
    sample: Sample
    score: Score


Transcripts: TypeAlias = Callable[[str, Collection[str]], Mapping[str, Transcript]]
"""From a metric and question ids to the transcript of each; those that were not kept are left out."""


class MetricColumns(NamedTuple):
    """The scores of one metric as columns, one sample at each position."""

    question_id: list[str]
    sample_index: list[int]
    value: list[float | None]
    weight: list[float]
    digest: list[str]
    cluster: list[str | None]


def no_transcripts(metric: str, question_ids: Collection[str]) -> Mapping[str, Transcript]:
    """Return no transcript, as a run does whose texts were not kept."""
    return {}


@dataclass(frozen=True, kw_only=True)
class ScoredRun:
    """A run with its scores, and the texts behind them."""

    run: Run
    columns: Callable[[str], Columns]
    """The score columns of a metric."""
    transcripts: Transcripts = no_transcripts

    @classmethod
    def of(
        cls,
        run: Run,
        scores: Iterable[Score],
        *,
        questions: Iterable[Question] = (),
        samples: Iterable[Sample] = (),
    ) -> "ScoredRun":
        """Return a run with scores held in memory; the list of flips needs questions and samples too."""
        by_id = {question.id: question for question in questions}
        by_metric: dict[str, list[Score]] = defaultdict(list)
        for score in scores:
            by_metric[score.metric].append(score)
        answers = {sample.question_id: sample for sample in samples if not sample.index}

        def columns(metric: str) -> Columns:
            if metric not in by_metric:
                raise UnknownName("metric", metric, by_metric)
            return _table(by_metric[metric], by_id)

        def transcripts(metric: str, question_ids: Collection[str]) -> Mapping[str, Transcript]:
            return {
                id_: Transcript(by_id[id_], answers[id_], score)
                for score in by_metric[metric]
                if (id_ := score.question_id) in question_ids
                and not score.sample_index
                and id_ in answers
                and id_ in by_id
            }

        return cls(run=run, columns=columns, transcripts=transcripts)


@dataclass(frozen=True)
class Side:
    """One of the two things compared: the runs of one checkpoint, one for each task."""

    runs: tuple[ScoredRun, ...]
    seeds: tuple[tuple[Run, ...], ...] = field(default=(), kw_only=True)
    """The runs of trainings by the same recipe that differ in their seed, those of each training together.

    With them, a comparison makes a claim about the recipe and not only about this checkpoint.
    """


def summarise_side(label: str, runs: Iterable[Run]) -> SideSummary:
    """Describe one side by its checkpoint, harness and runs."""
    members = list(runs)
    first = min(members, key=lambda run: run.started)
    return SideSummary(
        label="A" if label == "A" else "B",
        checkpoint=members[0].checkpoint,
        harness=", ".join(dict.fromkeys(run.harness for run in members)),
        runs=tuple(run.id for run in members),
        started=first.started.isoformat(timespec="seconds"),
    )


def _table(scores: Iterable[Score], questions: Mapping[str, Question]) -> MetricColumns:
    rows = []
    for score in scores:
        question = questions.get(score.question_id)
        about = ("", None) if question is None else (question.digest, question.cluster)
        rows.append((score.question_id, score.sample_index, score.value, score.weight, *about))
    return MetricColumns(*[list(column) for column in zip(*rows, strict=True)])
