"""Announcing a checkpoint: one scheduled run for each, never a key in it, never into the void."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assay import events
from assay.errors import BadSpec, ServerError
from assay.events import announce, emit_checkpoint


class Sink(ThreadingHTTPServer):
    """Schedules runs of a deployment as a Prefect server does."""

    bodies: list[dict[str, Any]]
    runs: dict[str, str]
    """The state of each run, by its idempotency key."""
    revived: list[str]
    busy = 0
    """How many posts are still answered with 503, the words of a locked database."""
    refuses = False
    unknown = False
    """Whether `assay up` never ran against it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api"


class Handler(BaseHTTPRequestHandler):
    server: Sink

    def do_GET(self) -> None:
        if "/deployments/" in self.path and self.server.unknown:
            self.answer(404)
        elif "/deployments/" in self.path:
            self.answer(200, {"id": "d1"})
        else:
            self.answer(200, True)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.refuses:
            return self.answer(409, {"detail": "Error creating flow run"})
        if self.server.busy:
            self.server.busy -= 1
            return self.answer(503, {"exception_message": "database is locked"})
        if self.path.endswith("/set_state"):
            self.server.revived.append(self.path.split("/")[-2])
            return self.answer(200, {"status": "ACCEPT"})
        self.server.bodies.append(body)
        key = body["idempotency_key"]
        state = self.server.runs.setdefault(key, "SCHEDULED")
        return self.answer(201, {"id": f"run-{key}", "name": "swift", "state": {"type": state}})

    def answer(self, status: int, body: object = None) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    server = Sink(("127.0.0.1", 0), Handler)
    server.bodies, server.runs, server.revived = [], {}, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.delenv("ASSAY_OWN_SERVER", raising=False)
    monkeypatch.setenv("PREFECT_API_URL", server.url)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_scheduled_run_says_what_to_evaluate_and_with_which_settings(sink: Sink) -> None:
    emit_checkpoint("openai:m", training_run="a", step=7, suite="demo", settings={"concurrency": "8"})
    (body,) = sink.bodies
    assert body["state"] == {"type": "SCHEDULED"}
    assert body["parameters"] == {
        "checkpoint": "openai:m",
        "training_run": "a",
        "step": 7,
        "suite": "demo",
        "settings": {"concurrency": "8"},
    }


def test_the_same_checkpoint_is_the_same_run_unless_it_is_wanted_again(sink: Sink) -> None:
    runs = [emit_checkpoint("openai:m", training_run="a", step=step) for step in (1, 1, 2)]
    other = emit_checkpoint("openai:m", training_run="a", step=1, settings={"revision": "b"})
    again = emit_checkpoint("openai:m", training_run="a", step=1, again=True)
    assert runs[0] == runs[1]
    assert len({*runs, other, again}) == 4


@pytest.mark.parametrize(
    ("before", "state", "repeated"),
    [
        ("SCHEDULED", "SCHEDULED", False),
        ("RUNNING", "RUNNING", False),
        ("COMPLETED", "COMPLETED", False),
        ("FAILED", "SCHEDULED", True),
        ("CRASHED", "SCHEDULED", True),
        ("CANCELLED", "SCHEDULED", True),
    ],
)
def test_announcing_again_schedules_once_more_what_did_not_end_well(
    sink: Sink, before: str, state: str, repeated: bool
) -> None:
    first = announce("openai:m", training_run="a", step=1)
    sink.runs = dict.fromkeys(sink.runs, before)
    second = announce("openai:m", training_run="a", step=1)
    assert second[:2] == (first.run, state)
    assert second.repeated is repeated
    assert sink.revived == ([first.run] if repeated else [])


def test_a_locked_database_is_waited_out(sink: Sink) -> None:
    sink.busy = 3
    emit_checkpoint("openai:m", training_run="a", step=1)
    assert len(sink.bodies) == 1


def test_a_database_that_stays_locked_is_one_sentence(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PATIENCE", 0.5)
    sink.busy = 1000
    with pytest.raises(ServerError, match="announce it again, which is safe"):
        emit_checkpoint("openai:m", training_run="a", step=1)


@pytest.mark.parametrize(
    "settings", [{"api_key": "sk-1"}, {"Token": "x"}, {"base_url": "http://me:pw@host/v1"}], ids=str
)
def test_no_secret_travels(sink: Sink, settings: dict[str, str]) -> None:
    with pytest.raises(BadSpec, match="no announcement may carry") as caught:
        emit_checkpoint("openai:m", training_run="a", step=1, settings=settings)
    assert not sink.bodies
    assert not any(value in str(caught.value) for value in settings.values())


def test_an_announcement_that_is_refused_is_an_error(sink: Sink) -> None:
    sink.refuses = True
    with pytest.raises(ServerError, match="did not take the announcement"):
        emit_checkpoint("openai:m", training_run="a", step=1)


def test_a_server_that_would_forget_it_is_an_error(sink: Sink) -> None:
    sink.unknown = True
    with pytest.raises(ServerError, match="Run `assay up`"):
        emit_checkpoint("openai:m", training_run="a", step=1)
    with pytest.raises(ServerError, match="Run `assay up`"):
        emit_checkpoint("openai:m", training_run="a", step=1, api_url=sink.url)
    assert not sink.bodies


def test_nobody_listening_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PATIENCE", 0.5)
    monkeypatch.delenv("ASSAY_OWN_SERVER", raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with pytest.raises(ServerError, match="Run `assay up`"):
        emit_checkpoint("openai:m", training_run="a", step=1)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(ServerError, match="Correct PREFECT_API_URL"):
        emit_checkpoint("openai:m", training_run="a", step=1)
    with pytest.raises(ServerError, match="did not take the announcement"):
        emit_checkpoint("openai:m", training_run="a", step=1, api_url="http://127.0.0.1:9/api")
