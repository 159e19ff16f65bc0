"""What is refused before Prefect sees it: requests that a page of another site makes a browser send."""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
App = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HOSTS = "ASSAY_SERVER_HOSTS"
"""Other names, by commas, under which a proxy of yours shows the server."""
FORBIDDEN = 403
POLICY_VIOLATION = 1008


class Guard:
    """Pass on what names this server as its host and, where a page sent it, as its origin."""

    def __init__(self, app: App) -> None:
        self._app = app
        named = os.environ.get(HOSTS, "").split(",")
        self._hosts = LOOPBACK | {name.strip().lower() for name in named if name.strip()}

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request, as ASGI does."""
        problem = self._problem(scope) if scope["type"] in {"http", "websocket"} else None
        if problem is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": problem})
        else:
            await _refuse(send, problem)

    def _problem(self, scope: Message) -> str | None:
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [value for name, value in headers if name == b"host"]
        origins = [value for name, value in headers if name == b"origin"]
        if len(hosts) != 1 or _name(f"//{hosts[0]}") not in self._hosts:
            return f"This server is not known by that name; see {HOSTS}."
        if any(_name(origin) not in self._hosts or not _same(origin, hosts[0]) for origin in origins):
            return "Pages of other sites may not speak to this server."
        return None


def _same(origin: str, host: str) -> bool:
    """Say whether an origin is the server itself: another port of this machine is another site."""
    return urlsplit(origin).netloc.lower() == host.lower()


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


async def _refuse(send: Callable[[Message], Awaitable[None]], problem: str) -> None:
    body = json.dumps({"exception_message": problem}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": FORBIDDEN, "headers": headers})
    await send({"type": "http.response.body", "body": body})
