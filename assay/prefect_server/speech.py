"""Speak to a Prefect server over HTTP, with the secret it asks for and never through a proxy of others."""

import base64
import json
import os
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from assay.prefect_server.environment import LOOPBACK
from assay.prefect_server.secret import auth_string
from assay.processes import place

SECONDS = 10.0
OURS = "ASSAY_OWN_SERVER"
"""Set beside an address that we have put into the environment ourselves."""


def given_url() -> str | None:
    """Return what `PREFECT_API_URL` names, unless we have set it to our own server ourselves."""
    url = None if OURS in os.environ else os.environ.get("PREFECT_API_URL")
    return None if not url or _is_ours(url) else url


def call(url: str, *, body: object = None, seconds: float = SECONDS, known: bool = True) -> Any:
    """Get an address, or post to it, and return what it answers; raises OSError, of which HTTPError is one.

    `known` says that the server may be given the secret.
    """
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(_authorization(url) if known else {})}
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 - of a Prefect server
    with _opener(url).open(request, timeout=seconds) as answer:
        text = answer.read()
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise OSError("the answer is not JSON") from error


def healthy(url: str, *, seconds: float = 5.0) -> bool:
    """Say whether a server answers at the address of an API."""
    try:
        return call(f"{url.rstrip('/')}/health", seconds=seconds, known=False) in {True, None}
    except (OSError, ValueError):
        return False


def _authorization(url: str) -> dict[str, str]:
    given = os.environ.get("PREFECT_API_AUTH_STRING")
    if given_url() is None:
        # Another server of this machine may be another user's, and is not told our secret.
        given = auth_string() if _is_ours(url) else None
    if secret := given:
        return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
    if key := os.environ.get("PREFECT_API_KEY"):
        return {"Authorization": f"Bearer {key}"}
    return {}


def _is_ours(url: str) -> bool:
    try:
        port = json.loads((place() / "server.json").read_text())["port"]
        parts = urlsplit(url)
        return parts.hostname in LOOPBACK and parts.port == port
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _opener(url: str) -> urllib.request.OpenerDirector:
    """A server of this machine is never asked through a proxy, which would look on its own."""
    proxies: dict[str, str] | None = {} if urlsplit(url).hostname in LOOPBACK else None
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
