"""vLLM without a server: the requests that would go over HTTP go by a pipe, and come back in batches."""

import asyncio
import itertools
import json
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from assay.errors import EndpointRefused, ProviderError, ProviderUnavailable
from harnesses.providers.openai_http.wire import Wire
from harnesses.providers.vllm import engine
from harnesses.providers.vllm.plan import Command
from harnesses.providers.vllm.process import Running, begin, sweep

LONGEST_LINE = 1 << 30
ADDRESS = "http://offline/v1"
IDLE_END = 8.0


class Offline:
    """A process that answers requests by `vllm.LLM`."""

    def __init__(
        self, arguments: Mapping[str, object], *, python: str, environment: Mapping[str, str]
    ) -> None:
        self._arguments = arguments
        self._python = python
        self._environment = environment
        self._running: Running | None = None
        self._reading: asyncio.Task[None] | None = None
        self._transport: asyncio.BaseTransport | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count()
        self._folder = tempfile.TemporaryDirectory(prefix="assay-vllm-")
        self.doing = ""
        """What is being waited for; empty once it answers."""

    async def start(self, *, within: float) -> None:
        """Start it and wait until the weights are loaded; raises EndpointRefused."""
        await asyncio.to_thread(sweep)
        file = Path(self._folder.name) / "arguments.json"
        file.write_text(json.dumps(dict(self._arguments)))
        argv = (self._python, engine.__file__, str(file))
        command = Command(label="offline", argv=argv, environment=self._environment)
        self._running = begin(command, name=str(self._arguments["served_model_name"]), piped=True)
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        self._transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), self._running.keeper.stdout
        )
        self.doing = "vLLM loads the weights"
        try:
            async with asyncio.timeout(within):
                ready = await lines.readline()
            if not ready:
                await asyncio.to_thread(self._running.keeper.wait)
                raise self._running.problem or EndpointRefused("vLLM ended before it was ready.")
        except TimeoutError:
            raise EndpointRefused(
                f"vLLM did not load the weights within {within:.0f} s; it said last: {self._running.newest}.",
                remedy=f"Allow more with -M start_timeout=SECONDS; its log is {self._running.log}.",
            ) from None
        finally:
            self.doing = ""
        self._reading = asyncio.create_task(self._read(lines))

    async def ask(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """Send one request; returns the status and the answer a server would give."""
        if self._running is None or self._running.keeper.stdin is None:
            raise ProviderUnavailable("vLLM is not started.")
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        line = orjson.dumps({"id": number, "path": path, "body": body}) + b"\n"
        pipe = self._running.keeper.stdin
        try:
            # The other end reads at once, in a thread of its own, so this does not wait long.
            pipe.write(line)
            pipe.flush()
            said = await self._waiting[number]
        except (BrokenPipeError, ValueError) as error:
            raise ProviderUnavailable("vLLM has ended.") from error
        finally:
            del self._waiting[number]
        return int(said["status"]), said["answer"]

    def problem(self) -> EndpointRefused | None:
        """Say why it has ended unasked, if it has."""
        return self._running.problem if self._running else None

    async def stop(self) -> None:
        """End it: kindly, then for good."""
        if self._running is not None:
            await asyncio.to_thread(_end, self._running)
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()
        self._folder.cleanup()

    async def _read(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            said = orjson.loads(line)
            waiting = self._waiting.get(said["id"])
            if waiting is not None and not waiting.done():
                waiting.set_result(said)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ProviderUnavailable("vLLM has ended."))


def _end(running: Running) -> None:
    """Close the input, which ends it when it is idle; then make it end."""
    with suppress(OSError):
        if running.keeper.stdin is not None:
            running.keeper.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        running.keeper.wait(IDLE_END)
    running.ask_to_end()
    running.finish()


class OfflineWire(Wire):
    """Speak to such a process as to a server."""

    def __init__(self, process: Offline) -> None:
        super().__init__(base_url=ADDRESS, api_key="none-needed")
        self._process = process

    async def _ask(self, method: str, url: str, data: bytes | None) -> dict[str, Any]:
        status, answer = await self._process.ask(urlsplit(url).path, orjson.loads(data) if data else {})
        if status != 200:
            error = self._error(status, orjson.dumps(answer), None)
            raise error if isinstance(error, ProviderError) else ProviderUnavailable(str(error))
        return answer
