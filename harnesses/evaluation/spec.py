"""What one evaluation is asked to do: small JSON values, so that they may travel as flow parameters."""

from collections.abc import Iterable

from assay.fingerprint import fingerprint
from assay.names import short_checkpoint
from assay.records import Record


class Spec(Record):
    """One checkpoint, task and harness to evaluate."""

    checkpoint: str
    """Provider and name: `embedded:runs/a/step-100`, `openai:qwen`."""
    task: str
    """Task with variants: `gsm8k:5shot`."""
    harness: str = "plain"
    settings: dict[str, str] = {}
    """Provider settings, as `-M key=value`."""
    overrides: dict[str, str] = {}
    """Task options, as `-o key=value`."""
    limit: int | None = None
    max_failed: int = 0
    """How many samples may fail before the run itself has failed."""
    fresh: bool = False
    """Ask everything again, whatever the response log holds."""
    unsafe_local: bool = False
    """Allow programs to run without isolation where none is possible."""
    against: str | None = None
    """Run or checkpoint: stop once the comparison with it is settled."""
    training_run: str | None = None
    step: int | None = None
    nonce: str = ""
    """Set by a flow of several evaluations, so that they share what is asked of one endpoint."""
    command: str = ""

    @property
    def title(self) -> str:
        """Name the evaluation in a few words."""
        short = short_checkpoint(self.checkpoint, training_run=self.training_run, step=self.step)
        return f"{self.task} on {short}"

    @property
    def scope(self) -> str:
        """Hash what makes a later command the same command, for endpoints that cannot prove their weights."""
        conditions = self.model_dump(
            include={"checkpoint", "task", "harness", "settings", "overrides", "limit", "fresh", "against"}
        )
        return fingerprint({k: _without_tuning(v) for k, v in conditions.items()})


def joint_scope(specs: Iterable[Spec]) -> str:
    """Hash what makes a later command of several evaluations the same command."""
    return fingerprint([spec.scope for spec in specs])


TUNING = frozenset({"concurrency", "timeout", "rate_limit", "api_key"})


def _without_tuning(value: object) -> object:
    return {k: v for k, v in value.items() if k not in TUNING} if isinstance(value, dict) else value
