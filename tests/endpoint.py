"""A small OpenAI-compatible server for tests, with faults on demand."""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

USAGE = {"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}
Fault = Callable[[int], web.StreamResponse | str | None]
"""Given the number of a request, the answer to send instead, `hang`, `drop` or `cut`, or None."""


@dataclass
class Endpoint:
    """What the server answers with, and what it was asked."""

    model: str = "test-model"
    latency: float = 0.0
    fault: Fault = lambda number: None
    key: str | None = None
    scores: bool = True
    """Whether log-probabilities of the prompt are given."""
    tokenizes: bool = True
    context: int = 0
    """Characters of the prompt above which a request is refused; 0 for no limit."""
    keeps: bool = True
    """Whether the bodies of requests are kept."""
    url: str = ""
    port: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    seen: Counter[bytes] = field(default_factory=Counter)
    """How often each content was asked for, failures included."""
    answered: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    @property
    def repeats(self) -> int:
        """How many requests asked for what had been asked before."""
        return sum(self.seen.values()) - len(self.seen)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            said = request.headers.get("Authorization", "")
            return refuse(401, f"Incorrect API key provided: {said}")
        if request.path.endswith("/models"):
            return web.json_response({"data": [{"id": self.model, "max_model_len": 4096}]})
        raw = await request.read()
        body = orjson.loads(raw)
        if self.keeps:
            self.bodies.append(body)
        self.seen[hashlib.blake2b(raw).digest()] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answer(request, body)
        finally:
            self.in_flight -= 1

    async def _answer(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        fault = self.fault(len(self.bodies))
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
        if fault == "cut":
            return web.Response(body=b'{"choices": [{"te', content_type="application/json")
        if isinstance(fault, web.StreamResponse):
            return fault
        if request.path.endswith("/tokenize"):
            if not self.tokenizes:
                return refuse(404, "not found")
            return web.json_response({"tokens": tokens(body["prompt"])})
        if self.context and len(str(body.get("prompt") or body.get("messages"))) > self.context:
            return refuse(400, f"This model's maximum context length is {self.context} tokens.")
        self.answered += 1
        return web.json_response(
            chat(body) if "chat" in request.path else completions(body, scores=self.scores)
        )


def refuse(status: int, message: str, **headers: str) -> web.Response:
    """Make an error as OpenAI's API words it."""
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


def reply(text: str) -> str:
    """Answer with a number that depends on the text alone."""
    return f"The answer is {int.from_bytes(hashlib.blake2b(text.encode(), digest_size=2).digest()) % 10}"


def tokens(text: str) -> list[int]:
    """Number the words of a text, each with the blank before it; equal words have equal numbers."""
    words = re.findall(r"\s*\S+|\s+$", text)
    return [int.from_bytes(hashlib.blake2b(word.encode(), digest_size=3).digest()) for word in words]


def logprob(before: list[int], token: int) -> float:
    """Score a token by what stands before it."""
    seed = hashlib.blake2b(orjson.dumps([before[-3:], token]), digest_size=4).digest()
    return -0.1 - 5 * int.from_bytes(seed) / 2**32


def chat(body: dict[str, Any]) -> dict[str, Any]:
    """Answer a conversation."""
    content = reply(str(body["messages"]) + str(body.get("seed", "")))
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    about = {"id": "chat-1", "object": "chat.completion", "created": 0, "model": body["model"]}
    return {**about, "choices": [choice], "usage": USAGE}


def completions(body: dict[str, Any], *, scores: bool) -> dict[str, Any]:
    """Answer texts, or score token ids."""
    prompts = body["prompt"]
    if isinstance(prompts, str) or (prompts and isinstance(prompts[0], int)):
        prompts = [prompts]
    choices = []
    for index, prompt in enumerate(prompts):
        text = prompt if isinstance(prompt, str) else ""
        choice: dict[str, Any] = {
            "index": index,
            "text": reply(text + str(body.get("seed", ""))),
            "finish_reason": "stop",
        }
        ids = prompt if isinstance(prompt, list) else tokens(prompt)
        if scores and body.get("prompt_logprobs") is not None:
            choice["prompt_logprobs"] = [
                {str(t): {"logprob": logprob(ids[:i], t), "rank": 1, "decoded_token": "?"}} if i else None
                for i, t in enumerate(ids)
            ]
        if scores and body.get("echo"):
            values = [logprob(ids[:i], t) if i else None for i, t in enumerate(ids)]
            words = re.findall(r"\s*\S+|\s+$", text) if text else ["?"] * len(ids)
            told = list(zip([*words, " x"], [*values, -1.0], strict=True))
            choice["logprobs"] = {
                "tokens": [word for word, _ in told],
                "token_logprobs": [value for _, value in told],
                "top_logprobs": [None if value is None else {word: value} for word, value in told],
            }
        choices.append(choice)
    return {"choices": choices, "usage": USAGE}


@asynccontextmanager
async def served(endpoint: Endpoint, *, port: int = 0) -> AsyncIterator[Endpoint]:
    """Serve on loopback, on a free port unless one is given."""
    application = web.Application(client_max_size=1 << 28)
    application.router.add_route("*", "/{path:.*}", endpoint.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
    await site.start()
    endpoint.port = runner.addresses[0][1]
    endpoint.url = f"http://127.0.0.1:{endpoint.port}/v1"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
