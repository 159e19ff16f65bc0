"""Tell Prefect that a checkpoint is there; light enough for a trainer to call.

The event's id comes from the checkpoint, so that announcing one twice evaluates it once.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

from assay.errors import BadSpec, ServerError
from assay.prefect_server import find, given_url

EVENT = "checkpoint.uploaded"
DEPLOYMENT = "evaluate checkpoint/evaluate-checkpoint"
"""Of which a run begins for each event; it waits in the server while nobody serves."""
RESOURCE = "assay.checkpoint"
SECONDS = 10.0
MISSING = 404
SECRETS = ("key", "token", "password", "secret")


def emit_checkpoint(
    checkpoint: str,
    *,
    training_run: str,
    step: int,
    suite: str | None = None,
    settings: Mapping[str, str] | None = None,
    api_url: str | None = None,
    again: bool = False,
) -> str:
    """Announce a checkpoint (`provider:name`), and return the event's id; raises BadSpec and ServerError.

    What is evaluated, and on which suite by default, is up to the deployments (`assay up`). `settings` are
    the provider's, such as `base_url`; keys are refused, since an event is kept and shown. `again` makes an
    event of its own of a checkpoint that was announced before.
    """
    refuse_secrets(settings or {})
    said = [
        training_run,
        str(step),
        checkpoint,
        suite or "",
        *(f"{k}={v}" for k, v in sorted((settings or {}).items())),
    ]
    identity = str(uuid4() if again else uuid5(NAMESPACE_URL, f"{RESOURCE}:{':'.join(said)}"))
    payload: dict[str, object] = {"checkpoint": checkpoint, "training_run": training_run, "step": step}
    payload |= {"suite": suite} if suite is not None else {}
    payload |= {"settings": dict(settings)} if settings else {}
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
    url = (api_url or listening()).rstrip("/")
    _expect_deployment(url)
    _send(f"{url}/events", [event])
    return identity


def listening() -> str:
    """Return the address of a server that answers; raises ServerError.

    Prefect's own client gives up silently where none does, and the event is lost.
    """
    server = find()
    if server is None:
        where = given_url()
        raise ServerError(
            "No Prefect server answers, so nobody would hear of it.",
            remedy="Correct PREFECT_API_URL, or start the server that it names."
            if where
            else "Run `assay up`.",
        )
    return server.url


def refuse_secrets(settings: Mapping[str, str]) -> None:
    """Refuse settings that hold a key or a password; raises BadSpec."""
    for name, value in settings.items():
        if any(word in name.lower() for word in SECRETS) or "@" in urlsplit(value).netloc:
            raise BadSpec(
                f"The setting {name!r} holds a secret, which no event may carry.",
                remedy="Set OPENAI_API_KEY where `assay up` is run.",
            )


def _expect_deployment(url: str) -> None:
    """Refuse a server that has no trigger for the event, which it would take and forget."""
    if not _send(f"{url}/deployments/name/{quote(DEPLOYMENT)}"):
        raise ServerError(
            "The Prefect server knows no deployment that evaluates checkpoints, so nobody would hear of it.",
            remedy="Run `assay up`.",
        )


def _send(url: str, body: object = None) -> bool:
    """Get an address, or post to it; says whether there is something, and raises ServerError."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - the address of a Prefect server
        url, data=data, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            return True
    except OSError as error:
        if body is None and isinstance(error, urllib.error.HTTPError) and error.code == MISSING:
            return False
        raise ServerError(
            f"The Prefect server did not take the event: {error}.", remedy="Check `assay status`."
        ) from error
