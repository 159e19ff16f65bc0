"""Announcing a checkpoint: one event for each, never a key in it, never into the void."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assay.errors import BadSpec, ServerError
from assay.events import emit_checkpoint


class Sink(ThreadingHTTPServer):
    """Takes events as a Prefect server does."""

    events: list[dict[str, object]]
    refuses = False
    unknown = False
    """Whether `assay up` never ran against it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api"


class Handler(BaseHTTPRequestHandler):
    server: Sink

    def do_GET(self) -> None:
        self.answer(404 if self.server.unknown and "/deployments/" in self.path else 200)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.events += json.loads(body)
        self.answer(503 if self.server.refuses else 204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    server = Sink(("127.0.0.1", 0), Handler)
    server.events = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.delenv("ASSAY_OWN_SERVER", raising=False)
    monkeypatch.setenv("PREFECT_API_URL", server.url)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_event_says_what_to_evaluate_and_with_which_settings(sink: Sink) -> None:
    emit_checkpoint(
        "openai:m", training_run="a", step=7, suite="demo", settings={"base_url": "http://host/v1"}
    )
    (event,) = sink.events
    assert event["event"] == "checkpoint.uploaded"
    assert event["resource"] == {
        "prefect.resource.id": "assay.checkpoint.a.7",
        "prefect.resource.name": "a step 7",
    }
    assert event["payload"] == {
        "checkpoint": "openai:m",
        "training_run": "a",
        "step": 7,
        "suite": "demo",
        "settings": {"base_url": "http://host/v1"},
    }


def test_the_same_checkpoint_is_the_same_event_unless_it_is_wanted_again(sink: Sink) -> None:
    ids = [emit_checkpoint("openai:m", training_run="a", step=step) for step in (1, 1, 2)]
    other = emit_checkpoint("openai:m", training_run="a", step=1, settings={"base_url": "http://b/v1"})
    again = emit_checkpoint("openai:m", training_run="a", step=1, again=True)
    assert ids[0] == ids[1]
    assert len({*ids, other, again}) == 4
    assert [event["id"] for event in sink.events] == [*ids, other, again]


@pytest.mark.parametrize(
    "settings", [{"api_key": "sk-1"}, {"Token": "x"}, {"base_url": "http://me:pw@host/v1"}], ids=str
)
def test_no_secret_travels(sink: Sink, settings: dict[str, str]) -> None:
    with pytest.raises(BadSpec, match="no event may carry") as caught:
        emit_checkpoint("openai:m", training_run="a", step=1, settings=settings)
    assert not sink.events
    assert not any(value in str(caught.value) for value in settings.values())


def test_an_event_that_is_refused_is_an_error(sink: Sink) -> None:
    sink.refuses = True
    with pytest.raises(ServerError, match="did not take the event"):
        emit_checkpoint("openai:m", training_run="a", step=1)


def test_a_server_that_would_forget_the_event_is_an_error(sink: Sink) -> None:
    sink.unknown = True
    with pytest.raises(ServerError, match="Run `assay up`"):
        emit_checkpoint("openai:m", training_run="a", step=1)
    with pytest.raises(ServerError, match="Run `assay up`"):
        emit_checkpoint("openai:m", training_run="a", step=1, api_url=sink.url)
    assert not sink.events


def test_nobody_listening_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSAY_OWN_SERVER", raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with pytest.raises(ServerError, match="Run `assay up`"):
        emit_checkpoint("openai:m", training_run="a", step=1)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(ServerError, match="Correct PREFECT_API_URL"):
        emit_checkpoint("openai:m", training_run="a", step=1)
    with pytest.raises(ServerError, match="did not take the event"):
        emit_checkpoint("openai:m", training_run="a", step=1, api_url="http://127.0.0.1:9/api")
