"""The scores of runs, as `assay run` and the commands that look at runs print them."""

import orjson

from assay.records import Run
from assay.render import terminal
from assay.render.grid import grid_of_scores
from assay.report.warnings import mostly_unparsed, warnings_of

SHOWN = ("value", "se", "low", "high", "mde", "n", "undefined", "worst", "best")
COUNTED = ("expected", "scored", "truncated", "unparsed", "unclosed", "failed", "skipped")


def report(runs: list[Run], *, json: bool) -> None:
    """Print the scores, for people or as one JSON object."""
    if json:
        print(orjson.dumps({"runs": [plain(run) for run in runs]}).decode())
    elif runs:
        several = len({(run.checkpoint.name, run.checkpoint.step) for run in runs}) > 1
        terminal.console().print(grid_of_scores(runs) if several else terminal.scores(runs))
        for run in runs:
            if note := remark(run):
                terminal.console().print(f"{run.task}: {note}", markup=False)


def remark(run: Run) -> str | None:
    """Say what the table of scores does not: that a run stopped early, or that thoughts did not end."""
    if run.stopped is not None:
        return f"{run.stopped.reason} Compared with run {run.stopped.against}."
    if run.counts.unclosed and not mostly_unparsed(run):
        return (
            f"{run.counts.unclosed:,} of {run.counts.expected:,} samples are thoughts that never end;"
            " `-o max_tokens=N` before the task allows more."
        )
    return None


def plain(run: Run) -> dict[str, object]:
    """Write a run as the JSON of `assay run --json`."""
    return {
        "id": run.id,
        "task": run.task,
        "harness": run.harness,
        "checkpoint": run.checkpoint.name,
        "training_run": run.checkpoint.training_run,
        "step": run.checkpoint.step,
        "started": run.started.isoformat(timespec="seconds"),
        "status": run.status,
        "headline": run.headline,
        "metrics": {name: metric.model_dump(include=set(SHOWN)) for name, metric in run.metrics.items()},
        "counts": run.counts.model_dump(include=set(COUNTED)),
        "seconds": run.seconds,
        "requested": run.requested,
        "problem": run.problem,
        "warnings": warnings_of(run),
        "stopped": run.stopped and run.stopped.model_dump(),
    }
