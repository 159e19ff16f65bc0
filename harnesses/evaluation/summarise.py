"""Summarise the scores of a run, and store them with it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from assay.records import Question, Run, RunStatus
from assay.store.contract.scores import Checked
from assay.store.outage import outlasting
from harnesses.evaluation.plan import Plan
from harnesses.evaluation.progress import Progress
from harnesses.evaluation.resources import Resources
from tasks_lib.summary import summarise
from tasks_lib.task import Task


def summarised(
    run: Run,
    *,
    task: Task,
    questions: Iterable[Question],
    checked: Checked,
    expected: int,
    max_failed: int = 0,
) -> Run:
    """The run with its metrics and counts, and whether it is completed, failed or invalid."""
    metrics, counts = summarise(task, questions, checked.passed, expected=expected)
    ended = datetime.now(UTC)
    status: RunStatus = "completed"
    problem: str | None = None
    if checked.quarantined:
        status = "invalid"
        problem = f"{len(checked.quarantined)} records did not pass their contract and are in quarantine."
    elif counts.failed > max_failed:
        status = "failed"
        reason = next((score.explanation for score in checked.passed if score.status == "failed"), None)
        first = f" The first: {reason}" if reason else ""
        problem = (
            f"{counts.failed} of {expected} samples failed; the same command asks for these again.{first}"
        )
    changes = {
        "metrics": metrics,
        "counts": counts,
        "status": status,
        "problem": problem,
        "ended": ended,
        "seconds": (ended - run.started).total_seconds(),
    }
    return run.model_copy(update=changes)


def finish(plan: Plan, checked: Checked, *, resources: Resources, progress: Progress) -> Run:
    """Summarise and store scores, quarantine and run in one transaction."""
    job, store = plan.job, resources.store
    run = summarised(
        plan.run,
        task=job.task,
        questions=plan.loaded.questions,
        checked=checked,
        expected=plan.expected,
        max_failed=job.spec.max_failed,
    )
    assert run.seconds is not None
    # The engine may have served other runs too; its history belongs to a run that sent something.
    limits = resources.lease.engine.limit.lately(run.seconds) if progress.requested else ()
    changes = {
        "prompt_tokens": progress.prompt_tokens,
        "completion_tokens": progress.completion_tokens,
        "requested": progress.requested,
        "limits": limits,
    }
    run = run.model_copy(update=changes)
    outlasting(store.finish_run)(run, checked.passed, quarantined=checked.quarantined)
    if run.status == "completed" and not job.spec.nonce:
        store.close_scope(job.spec.scope, resources.nonce)
    return run
