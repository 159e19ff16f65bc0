"""Runs of the store as the sides of a comparison, whose scores and texts are read when they are needed."""

from collections.abc import Collection, Iterable, Mapping

from assay.align import Columns
from assay.lookup.runs import find_runs
from assay.records import Run
from assay.report.side import ScoredRun, Side, Transcript
from assay.store.store import Store


def load_side(store: Store, ref: str, *, seeds: Iterable[str] = ()) -> Side:
    """Return the side that a reference names, with the seeds of its recipe; raises UnknownName and BadSpec.

    The store must stay open until the comparison is made.
    """
    return side_of(store, find_runs(store, ref), seeds=[find_runs(store, seed) for seed in seeds])


def side_of(store: Store, runs: Iterable[Run], *, seeds: Iterable[Iterable[Run]] = ()) -> Side:
    """Return runs of the store as one side of a comparison."""
    return Side(scored_runs(store, runs), seeds=tuple(tuple(training) for training in seeds))


def scored_runs(store: Store, runs: Iterable[Run]) -> tuple[ScoredRun, ...]:
    """Return runs of the store with their scores, none of which is read yet."""
    return tuple(_scored(store, run) for run in runs)


def _scored(store: Store, run: Run) -> ScoredRun:
    def columns(metric: str) -> Columns:
        return store.score_columns(run.id, metric)

    def transcripts(metric: str, question_ids: Collection[str]) -> Mapping[str, Transcript]:
        return read_transcripts(store, run, metric, frozenset(question_ids))

    return ScoredRun(run=run, columns=columns, transcripts=transcripts)


def read_transcripts(
    store: Store, run: Run, metric: str, question_ids: Collection[str]
) -> dict[str, Transcript]:
    """Return what a run was asked, answered and scored on some questions, by its first sample."""
    questions = store.questions(run.task_fingerprint)
    scores = {
        score.question_id: score
        for score in store.scores(run.id, metric=metric)
        if score.question_id in question_ids and not score.sample_index
    }
    return {
        id_: Transcript(questions[id_], sample, scores[id_])
        for sample in store.samples(run.id)
        if (id_ := sample.question_id) in scores and id_ in questions and not sample.index
    }
