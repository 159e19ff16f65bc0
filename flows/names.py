"""Names of flow runs, short enough to be told apart at a glance; the parameters have the paths in full."""

from prefect.runtime import flow_run

from assay.names import short_checkpoint


def suite_on_checkpoint() -> str:
    """Name a run of the flow that evaluates a checkpoint on a suite."""
    given = _parameters()
    name, training_run, step = (given.get(key) for key in ("checkpoint", "training_run", "step"))
    short = short_checkpoint(
        str(name),
        training_run=None if training_run is None else str(training_run),
        step=step if isinstance(step, int) else None,
    )
    return f"{given.get('suite')} on {short}"


def candidate_against_baseline() -> str:
    """Name a run of the flow that compares two sides."""
    given = _parameters()
    a, b = (short_checkpoint(str(given.get(key))) for key in ("a", "b"))
    return f"{b} against {a}"


def nightly_on_checkpoint() -> str:
    """Name a run of the nightly flow."""
    return f"nightly {suite_on_checkpoint()}"


def _parameters() -> dict[str, object]:
    found: dict[str, object] = flow_run.parameters
    return found
