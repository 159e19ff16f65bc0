"""Tell Prefect that a checkpoint is there; light enough for a trainer to call.

The event's id comes from the checkpoint, so that announcing one twice evaluates it once.
"""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from assay.errors import ServerError
from assay.server import find

EVENT = "checkpoint.uploaded"
RESOURCE = "assay.checkpoint"
SECONDS = 10.0


def emit_checkpoint(
    checkpoint: str,
    *,
    training_run: str,
    step: int,
    suite: str | None = None,
    api_url: str | None = None,
) -> str:
    """Announce a checkpoint (`provider:name`), and return the event's id; raises ServerError.

    What is evaluated, and on which suite by default, is up to the deployments (`assay up`).
    """
    if api_url is None:
        server = find()
        if server is None:
            raise ServerError(
                "No Prefect server answers, so nobody would hear of it.", remedy="Run `assay up`."
            )
        api_url = server.url
    identity = str(uuid5(NAMESPACE_URL, f"{RESOURCE}:{training_run}:{step}:{checkpoint}:{suite or ''}"))
    payload: dict[str, object] = {"checkpoint": checkpoint, "training_run": training_run, "step": step}
    if suite is not None:
        payload["suite"] = suite
    event = {
        "id": identity,
        "event": EVENT,
        "occurred": datetime.now(UTC).isoformat(),
        "resource": {
            "prefect.resource.id": f"{RESOURCE}.{training_run}.{step}",
            "prefect.resource.name": f"{training_run} step {step}",
        },
        "payload": payload,
    }
    _post(f"{api_url.rstrip('/')}/events", [event])
    return identity


def _post(url: str, body: object) -> None:
    request = urllib.request.Request(  # noqa: S310 - the address of a Prefect server
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            return
    except (OSError, urllib.error.URLError) as error:
        raise ServerError(
            f"The Prefect server did not take the event: {error}.", remedy="Check `assay status`."
        ) from error
