"""What is evaluated automatically: checkpoints when they are announced, and a suite every night."""

import os
from collections.abc import Sequence
from typing import cast

from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.schedules import Cron

from flows.checkpoint import evaluate_checkpoint, nightly

EVENT = "checkpoint.uploaded"
RESOURCE = "assay.checkpoint.*"
SUITE = "ASSAY_SUITE"
"""Names the suite that announced checkpoints are evaluated on; the demo's where it is not set."""
NIGHTLY = "ASSAY_NIGHTLY_CHECKPOINT"
CRON, ZONE = "0 2 * * *", "UTC"


def on_checkpoint() -> RunnerDeployment:
    """Evaluate each checkpoint that is announced, and compare it with the one before."""
    trigger = DeploymentEventTrigger(
        name="checkpoint uploaded",
        description="For events of other programs; `assay checkpoint announce` needs none.",
        expect={EVENT},
        match={"prefect.resource.id": RESOURCE},
        parameters={
            "checkpoint": "{{ event.payload.checkpoint }}",
            "training_run": "{{ event.payload.training_run }}",
            "step": "{{ event.payload.step }}",
            "suite": "{{ event.payload.suite | default('" + _suite() + "') }}",
            "settings": "{{ event.payload.settings | default({}) }}",
        },
    )
    return cast(
        "RunnerDeployment",
        evaluate_checkpoint.to_deployment(
            name="evaluate-checkpoint",
            triggers=[trigger],
            parameters={"suite": _suite()},
            description=on_checkpoint.__doc__,
        ),
    )


def every_night() -> RunnerDeployment:
    """Evaluate one checkpoint every night; paused until `ASSAY_NIGHTLY_CHECKPOINT` names it."""
    checkpoint = os.environ.get(NIGHTLY, "")
    return cast(
        "RunnerDeployment",
        nightly.to_deployment(
            name="nightly-suite",
            schedule=Cron(
                os.environ.get("ASSAY_NIGHTLY_CRON", CRON),
                timezone=os.environ.get("ASSAY_NIGHTLY_ZONE", ZONE),
            ),
            parameters={"checkpoint": checkpoint, "suite": _suite()},
            paused=not checkpoint,
            description=every_night.__doc__,
        ),
    )


def all_deployments() -> Sequence[RunnerDeployment]:
    """List what `assay up` serves."""
    return [on_checkpoint(), every_night()]


def _suite() -> str:
    return os.environ.get(SUITE, "demo")
