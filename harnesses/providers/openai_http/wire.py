"""Requests to an OpenAI-compatible endpoint over one pool of connections.

The openai package says who asks (`account.py`); the requests themselves go through aiohttp with prepared
bytes, at a quarter of that client's time for each (docs/performance.md).
"""

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from assay.errors import EndpointRefused, NothingAnswers, ProviderUnavailable, RateLimited, RequestRefused
from harnesses.providers.openai_http.account import account
from harnesses.providers.openai_http.reading import read_json

SHOWN = 300
NO_CREDIT = b"insufficient_quota"
TOO_LONG = ("context length", "context_length", "maximum context", "too long", "max_model_len")


class Wire:
    """Send JSON to an endpoint and say in one sentence what went wrong."""

    def __init__(self, *, base_url: str | None, api_key: str | None) -> None:
        asking = account(base_url=base_url, api_key=api_key)
        self.base_url = asking.base_url.rstrip("/")
        self._secret = asking.secret
        self._headers = {
            **asking.headers,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self._session: aiohttp.ClientSession | None = None

    @property
    def root(self) -> str:
        """The server's address without the path of the API."""
        return self.base_url.removesuffix("/v1")

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post JSON to a path below the API's address; raises ProviderError."""
        return await self._ask("POST", f"{self.base_url}{path}", orjson.dumps(body))

    async def post_root(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post JSON to a path of the server itself; raises ProviderError."""
        return await self._ask("POST", f"{self.root}{path}", orjson.dumps(body))

    async def get(self, path: str) -> dict[str, Any]:
        """Get JSON from a path below the API's address; raises ProviderError."""
        return await self._ask("GET", f"{self.base_url}{path}", None)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, url: str, data: bytes | None) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
                timeout=aiohttp.ClientTimeout(total=None, connect=30),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        body = None if data is None else aiohttp.BytesPayload(data)
        try:
            # A redirected POST would become a GET, and its answer another one than was asked for.
            async with self._session.request(method, url, data=body, allow_redirects=False) as response:
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NothingAnswers(
                f"Nothing answers at {self._where()} ({_reason(error)}).",
                remedy="Start the server, or correct -M base_url=...",
            ) from error
        except aiohttp.InvalidURL as error:
            raise EndpointRefused(
                f"{self._where()!r} is no address.", remedy="Correct -M base_url=..."
            ) from error
        except aiohttp.ClientError as error:
            raise ProviderUnavailable(
                f"The connection to {self._where()} broke ({_reason(error)})."
            ) from error
        if response.status != 200:
            raise self._error(response.status, content, _retry_after(response.headers))
        return self._json(content)

    def _json(self, content: bytes) -> dict[str, Any]:
        try:
            answer = read_json(content)
        except ValueError as error:
            raise ProviderUnavailable(
                f"{self._where()} sent what is no JSON: {self._shown(content)!r}."
            ) from error
        if not isinstance(answer, dict):
            raise ProviderUnavailable(f"{self._where()} sent no JSON object: {self._shown(content)!r}.")
        if answer.get("error") and not answer.get("choices"):
            raise self._error(_status(answer["error"]), content, None)
        return answer

    def _error(self, status: int, content: bytes, retry_after: float | None) -> Exception:
        said = self._message(content)
        if refused := self._refusal(status, said, no_credit=status == 429 and NO_CREDIT in content):
            return refused
        if status == 429 or (status == 503 and retry_after is not None):
            return RateLimited(f"{self._where()} asks to slow down: {said}", retry_after=retry_after)
        if status >= 500 or status in {408, 409, 425}:
            return ProviderUnavailable(f"{self._where()} failed with status {status}: {said}")
        if any(words in said for words in TOO_LONG):
            return RequestRefused(
                f"The prompt is longer than the model's context: {said}",
                remedy="Use fewer shots or a smaller -o max_tokens=...",
            )
        return RequestRefused(f"{self._where()} refused the request with status {status}: {said}")

    def _refusal(self, status: int, said: str, *, no_credit: bool) -> EndpointRefused | None:
        """Say why no request will be accepted, where that is so."""
        if no_credit:
            return EndpointRefused(
                f"{self._where()} has no credit left for this key: {said}", remedy="Add some, or change keys."
            )
        if status in {401, 403}:
            return EndpointRefused(f"{self._where()} refused the key: {said}", remedy="Set OPENAI_API_KEY.")
        if status in {404, 405}:
            return EndpointRefused(
                f"{self._where()} does not know the model or address: {said}",
                remedy="Check the model's name, -M base_url=... (usually ending in /v1) and -M api=...",
            )
        if 300 <= status < 400:
            return EndpointRefused(
                f"{self._where()} says that the API is elsewhere (status {status}).",
                remedy="Correct -M base_url=..., often https for http.",
            )
        return None

    def _message(self, content: bytes) -> str:
        try:
            said = read_json(content)
        except ValueError:
            return self._shown(content)
        inner = said.get("error", said) if isinstance(said, dict) else said
        message = inner.get("message", inner) if isinstance(inner, dict) else inner
        return self._shown(str(message).encode())

    def _shown(self, content: bytes) -> str:
        text = " ".join(content.decode(errors="replace").split())[:SHOWN]
        return text.replace(self._secret, "***") if self._secret else text

    def _where(self) -> str:
        """Name the endpoint without user, password and query."""
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}{parts.path}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the seconds, or the moment by the server's own clock (RFC 9110, section 10.2.3)."""
    text = headers.get("Retry-After", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        moments = [parsedate_to_datetime(one) for one in (text, headers.get("Date", ""))]
        return max(0.0, (moments[0] - moments[1]).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _status(error: object) -> int:
    """Return the status that an error inside an answer of status 200 names; 500 where it names none."""
    fields = [error.get(name) for name in ("code", "status", "type")] if isinstance(error, dict) else []
    for value in map(str, fields):
        if value.isdecimal() and len(value) == 3 and value[0] in "345":
            return int(value)
        if "rate_limit" in value or "overloaded" in value:
            return 429
    return 500


def _reason(error: BaseException) -> str:
    cause = getattr(error, "os_error", None) or error.__cause__ or error
    return str(getattr(cause, "strerror", None) or cause) or type(cause).__name__


async def is_there(wire: Wire, *, seconds: float = 5.0) -> bool:
    """Say whether anything answers at the endpoint."""
    try:
        async with asyncio.timeout(seconds):
            await wire.get("/models")
    except (ProviderUnavailable, TimeoutError):
        return False
    except (RequestRefused, RateLimited):
        return True
    return True
