"""The store: everything kept about runs, in SQLite or PostgreSQL.

Every method is one transaction and may be called from any thread. What goes wrong is a `StoreError` of
one sentence; a batch that breaks a constraint is `InvalidRecords`, and nothing of it is kept.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from pydantic import JsonValue
from sqlalchemy import Engine

from assay.home import database_url
from assay.records import Question, Run, Sample, Score
from assay.store import comparisons, quarantine, questions, runs, samples, scopes, scores
from assay.store.engines import parse, writing
from assay.store.quarantine import Quarantined
from assay.store.runs import AtStep, CheckpointTask
from assay.store.schema import connect
from assay.store.scores import ScoreColumns


class Store:
    """Reads and writes runs, questions, samples, scores and comparisons."""

    def __init__(self, engine: Engine) -> None:
        self._reader = engine
        self._writer = writing(engine)

    @classmethod
    def open(cls, url: str | None = None) -> Self:
        """Open the store at `url` (default: `assay.home.database_url()`), bringing its tables up to date."""
        return cls(connect(parse(url or database_url())))

    def close(self) -> None:
        """Close all connections."""
        self._reader.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin_run(self, run: Run, *, identity: str) -> Run:
        """Record that a run has begun, under the id it has had if one of this identity exists.

        Samples and scores of an earlier, completed run stay until `save_samples` and `finish_run` replace
        them. Returns `run` with the id that it has in the store.
        """
        with self._writer.begin() as connection:
            return runs.begin(connection, run, identity=identity)

    def update_run(self, run: Run) -> None:
        """Replace what is known of a run, leaving its samples and scores; raises UnknownName."""
        with self._writer.begin() as connection:
            runs.update(connection, run)

    def finish_run(
        self, run: Run, scores_: Iterable[Score], *, quarantined: Sequence[Quarantined] = ()
    ) -> None:
        """Replace a run's scores, its quarantine and what is known of it, all or nothing."""
        with self._writer.begin() as connection:
            runs.update(connection, run)
            scores.replace(connection, run.id, scores_)
            quarantine.replace(connection, run.id, quarantined)

    def remove_run(self, run_id: str) -> None:
        """Delete a run with its samples, scores and quarantine; raises UnknownName."""
        with self._writer.begin() as connection:
            runs.remove(connection, run_id)

    def run(self, ref: str) -> Run:
        """Find a run by its id, the beginning of one (4 characters or more), or `CHECKPOINT@TASK`.

        The last, also written with a space, is the newest run of the two, a completed one if there is any.
        Raises UnknownName with the nearest references, or BadSpec where several ids begin so.
        """
        with self._reader.connect() as connection:
            return runs.find(connection, ref)

    def runs(
        self,
        *,
        task: str | None = None,
        checkpoint: str | None = None,
        training_run: str | None = None,
        step: int | None = None,
        status: str | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> list[Run]:
        """List runs, newest first; `since` has a time zone."""
        with self._reader.connect() as connection:
            return runs.newest(
                connection,
                task=task,
                checkpoint=checkpoint,
                training_run=training_run,
                step=step,
                status=status,
                since=since,
                limit=limit,
            )

    def has_run(self, run_id: str) -> bool:
        """Whether there is a run of exactly this id."""
        with self._reader.connect() as connection:
            return runs.exists(connection, run_id)

    def checkpoint_tasks(self) -> list[CheckpointTask]:
        """List every checkpoint and task of which there is a run, those of the newest runs first."""
        with self._reader.connect() as connection:
            return runs.checkpoint_tasks(connection)

    def runs_at_steps(self, training_run: str, *, task_fingerprints: Collection[str]) -> list[AtStep]:
        """List the completed runs of these tasks at all steps of a training run, newest first."""
        with self._reader.connect() as connection:
            return runs.at_steps(connection, training_run, task_fingerprints=task_fingerprints)

    def find_scope(self, key: str) -> str | None:
        """Return the nonce of the newest scope of this key that is still open; opens none."""
        with self._reader.connect() as connection:
            return scopes.find_scope(connection, key)

    def open_scope(self, key: str) -> str:
        """Return the nonce of the newest scope of this key that is still open, or of a new one.

        For endpoints that cannot prove what they serve: the same command resumes a run that was killed, and
        never reuses a completed one.
        """
        with self._writer.begin() as connection:
            return scopes.open_scope(connection, key)

    def close_scope(self, key: str, nonce: str) -> None:
        """Close a scope, because the run in it was completed."""
        with self._writer.begin() as connection:
            scopes.close_scope(connection, key, nonce)

    def save_questions(self, task_fingerprint: str, questions_: Iterable[Question]) -> None:
        """Store the questions of a task; those already stored stay as they are.

        Raises InvalidRecords where the content of a question differs from the one stored under its id.
        """
        with self._writer.begin() as connection:
            questions.save(connection, task_fingerprint, questions_)

    def questions(self, task_fingerprint: str) -> dict[str, Question]:
        """Return the questions of a task by id, in the official order."""
        with self._reader.connect() as connection:
            return questions.read(connection, task_fingerprint)

    def has_questions(self, task_fingerprint: str) -> bool:
        """Whether any question of the task is stored."""
        with self._reader.connect() as connection:
            return questions.exist(connection, task_fingerprint)

    def save_samples(self, run_id: str, shard: str, samples_: Iterable[Sample]) -> None:
        """Replace the samples of one shard of a run."""
        with self._writer.begin() as connection:
            samples.replace(connection, run_id, shard, samples_)

    def has_shard(self, run_id: str, shard: str) -> bool:
        """Whether the samples of a shard are stored."""
        with self._reader.connect() as connection:
            return samples.exist(connection, run_id, shard)

    def keep_shards(self, run_id: str, shards: Collection[str]) -> None:
        """Delete the samples of a run outside these shards."""
        with self._writer.begin() as connection:
            samples.keep(connection, run_id, shards)

    def samples(self, run_id: str, *, shard: str | None = None) -> Iterator[Sample]:
        """Yield the samples of a run by question id and index, a few at a time."""
        with self._reader.connect() as connection:
            yield from samples.stream(connection, run_id, shard=shard)

    def scores(self, run_id: str, *, metric: str | None = None) -> list[Score]:
        """Return the scores of a run, all or of one metric, by question id and sample index."""
        with self._reader.connect() as connection:
            return scores.read(connection, run_id, metric=metric)

    def score_columns(self, run_id: str, metric: str) -> ScoreColumns:
        """Return the scores of one metric as parallel lists, with each question's digest and cluster.

        Raises InvalidRecords where the question of a score is not stored.
        """
        with self._reader.connect() as connection:
            return scores.columns(connection, run_id, metric)

    def quarantined(self, run_id: str) -> list[Quarantined]:
        """Return the records of a run that did not pass their contract, with the reasons."""
        with self._reader.connect() as connection:
            return quarantine.read(connection, run_id)

    def save_comparison(self, id_: str, a: str, b: str, body: Mapping[str, JsonValue]) -> None:
        """Store a comparison of `a` and `b`, replacing one with the same id."""
        with self._writer.begin() as connection:
            comparisons.save(connection, id_, a, b, body)

    def comparison(self, id_: str) -> dict[str, JsonValue]:
        """Return a comparison as it was saved; raises UnknownName."""
        with self._reader.connect() as connection:
            return comparisons.read(connection, id_)
