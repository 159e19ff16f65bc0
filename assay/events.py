"""Tell Prefect that a checkpoint is there; light enough for a trainer to call.

An announcement is a scheduled run of the deployment that evaluates checkpoints, whose idempotency key comes
from the checkpoint: an event could be dropped on its way to a run, and announcing twice evaluates once.
"""

import time
import urllib.error
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

from assay.errors import BadSpec, ServerError
from assay.prefect_server import call, find, given_url

DEPLOYMENT = "evaluate checkpoint/evaluate-checkpoint"
"""Whose scheduled runs wait in the server while nobody serves."""
RESOURCE = "assay.checkpoint"
PATIENCE = 60.0
"""Seconds in which a busy server or a locked database is asked again."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
MISSING = 404
BUSY = frozenset({429, 500, 502, 503, 504})
SECRETS = ("key", "token", "password", "secret")
ENDED = frozenset({"FAILED", "CRASHED", "CANCELLED"})
T = TypeVar("T")


class Announcement(NamedTuple):
    """What became of an announcement: the flow run that evaluates the checkpoint, and its state."""

    run: str
    state: str
    """In Prefect's words, such as `SCHEDULED`, `RUNNING`, `COMPLETED`."""
    name: str
    repeated: bool
    """Whether an evaluation that had failed was scheduled once more."""


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
    """Announce a checkpoint (`provider:name`); returns the id of the flow run that evaluates it.

    See `announce`, which tells more of it.
    """
    return announce(
        checkpoint,
        training_run=training_run,
        step=step,
        suite=suite,
        settings=settings,
        api_url=api_url,
        again=again,
    ).run


def announce(
    checkpoint: str,
    *,
    training_run: str,
    step: int,
    suite: str | None = None,
    settings: Mapping[str, str] | None = None,
    api_url: str | None = None,
    again: bool = False,
) -> Announcement:
    """Announce a checkpoint, waiting out a busy server; raises BadSpec and ServerError.

    What is evaluated, and on which suite by default, is up to the deployments (`assay up`). `settings` are
    the provider's; keys are refused, since an announcement is kept and shown. One that was announced before
    is evaluated once more where its evaluation failed, crashed or was cancelled, or with `again`.
    """
    refuse_secrets(settings or {})
    parameters: dict[str, object] = {"checkpoint": checkpoint, "training_run": training_run, "step": step}
    parameters |= {"suite": suite} if suite is not None else {}
    parameters |= {"settings": dict(settings)} if settings else {}
    url = (api_url or listening()).rstrip("/")
    deployment = _expect_deployment(url)
    asked = {
        "parameters": parameters,
        "idempotency_key": _identity(parameters, again=again),
        "tags": [training_run],
        "state": {"type": "SCHEDULED"},
    }
    run = _persist(lambda: call(f"{url}/deployments/{deployment}/create_flow_run", body=asked))
    state = str((run.get("state") or {}).get("type", "SCHEDULED"))
    repeated = state in ENDED
    if repeated:
        revive(url, str(run["id"]), message="Announced again.")
    return Announcement(
        str(run["id"]), "SCHEDULED" if repeated else state, str(run.get("name", "")), repeated
    )


def revive(url: str, run: str, *, message: str) -> None:
    """Schedule a flow run that has ended once more; raises ServerError."""
    state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": message}
    _persist(lambda: call(f"{url}/flow_runs/{run}/set_state", body={"state": state, "force": True}))


def listening() -> str:
    """Return the address of a server that answers; raises ServerError."""
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
                f"The setting {name!r} holds a secret, which no announcement may carry.",
                remedy="Set OPENAI_API_KEY where `assay up` is run.",
            )


def _identity(parameters: Mapping[str, Any], *, again: bool) -> str:
    """Derive the idempotency key: the same checkpoint, suite and settings are the same announcement."""
    if again:
        return str(uuid4())
    settings = parameters.get("settings", {})
    words = [
        *(str(parameters[name]) for name in ("training_run", "step", "checkpoint")),
        str(parameters.get("suite", "")),
        *(f"{name}={value}" for name, value in sorted(settings.items())),
    ]
    return str(uuid5(NAMESPACE_URL, f"{RESOURCE}:{':'.join(words)}"))


def _expect_deployment(url: str) -> str:
    """Return the id of the deployment that evaluates; raises ServerError where there is none."""
    try:
        known = _persist(lambda: call(f"{url}/deployments/name/{quote(DEPLOYMENT)}"))
    except LookupError:
        raise ServerError(
            "The Prefect server knows no deployment that evaluates checkpoints, so nobody would hear of it.",
            remedy="Run `assay up`.",
        ) from None
    return str(known["id"])


def _persist(attempt: Callable[[], T]) -> T:
    """Repeat until it succeeds; raises ServerError, and LookupError for what the server does not know."""
    deadline, pause = time.monotonic() + PATIENCE, FIRST_PAUSE
    while True:
        try:
            return attempt()
        except OSError as error:
            code = error.code if isinstance(error, urllib.error.HTTPError) else None
            if code == MISSING:
                raise LookupError from error
            lasting = code is not None and code not in BUSY
            if lasting or time.monotonic() + pause > deadline:
                raise ServerError(
                    f"The Prefect server did not take the announcement: {error}.",
                    remedy="Check `assay status`, and announce it again, which is safe.",
                ) from error
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
