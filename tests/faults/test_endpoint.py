"""Whatever an endpoint does wrong: the same scores as without, or failures that are asked for again."""

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from aiohttp import web

from assay.errors import EndpointRefused
from assay.store.responses import ResponseLog
from harnesses.engine import engine
from tasks_lib.task import Task
from tests.endpoint import Endpoint, Fault, refuse, served
from tests.faults.client import CONCURRENCY, QUESTIONS, Outcome, evaluate, letters
from tests.faults.conftest import sometimes, until

pytestmark = pytest.mark.anyio

FAULTS: dict[str, Fault] = {
    "500": lambda number: refuse(500, "injected"),
    "429": lambda number: refuse(429, "slow down", **{"Retry-After": "0.1"}),
    "drop": lambda number: "drop",
    "hang": lambda number: "hang",
    "truncated": lambda number: "cut",
    "html": lambda number: web.Response(text="<html>Bad gateway</html>", content_type="text/html"),
    "empty": lambda number: web.json_response({"choices": []}),
    "503": lambda number: refuse(503, "warming up", **{"Retry-After": "0.1"}),
}


async def evaluate_to_the_end(
    url: str, *, log: ResponseLog, task: Task | None = None, **settings: str
) -> Outcome:
    """Evaluate, and once more if a request was refused on all its tries, as one would the same command.

    At a rate of 30 % that happens to one question in 15,000.
    """
    found = await evaluate(url, log=log, task=task, **settings)
    return await evaluate(url, log=log, task=task, **settings) if found[1].failed else found


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("rate", [0.05, 0.3])
@pytest.mark.parametrize("fault", FAULTS)
async def test_scores_are_those_without_faults(
    endpoint: Endpoint, log: ResponseLog, expected: Outcome, fault: str, rate: float
) -> None:
    endpoint.fault = sometimes(rate, FAULTS[fault])
    assert await evaluate_to_the_end(endpoint.url, log=log) == expected
    assert log.stats().responses == QUESTIONS


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["500", "drop", "truncated"])
async def test_likelihoods_are_those_without_faults(
    endpoint: Endpoint, log: ResponseLog, tmp_path: object, fault: str
) -> None:
    settings = {"batch": "4"}
    well = await evaluate(
        endpoint.url, log=ResponseLog.open(f"sqlite:///{tmp_path}/w.db"), task=letters(), **settings
    )
    endpoint.fault = sometimes(0.3, FAULTS[fault])
    assert await evaluate_to_the_end(endpoint.url, log=log, task=letters(), **settings) == well


async def test_a_slow_server_is_waited_for(endpoint: Endpoint, log: ResponseLog, expected: Outcome) -> None:
    endpoint.latency = 0.2
    assert await evaluate(endpoint.url, log=log) == expected
    assert endpoint.repeats == 0


async def test_the_wall_clock_does_not_matter(
    endpoint: Endpoint, log: ResponseLog, expected: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(3)
    monkeypatch.setattr(time, "time", lambda: chance.uniform(0, 4e9))
    endpoint.fault = sometimes(0.1, FAULTS["500"])
    assert await evaluate(endpoint.url, log=log) == expected


@pytest.mark.usefixtures("impatient")
async def test_a_server_restarted_in_the_middle_is_waited_for(log: ResponseLog, expected: Outcome) -> None:
    endpoint = Endpoint(latency=0.02)
    async with served(endpoint):
        running = asyncio.create_task(evaluate(endpoint.url, log=log))
        await until(lambda: endpoint.answered > QUESTIONS / 3)
    await asyncio.sleep(2.0)
    assert not running.done()
    async with served(endpoint, port=endpoint.port):
        assert await running == expected
    assert endpoint.repeats <= CONCURRENCY


async def test_a_server_that_stays_away_fails_the_rest_and_a_second_run_completes(
    log: ResponseLog, expected: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "OUTAGE", 1.0)
    endpoint = Endpoint(latency=0.02)
    async with served(endpoint):
        running = asyncio.create_task(evaluate(endpoint.url, log=log))
        await until(lambda: endpoint.answered > QUESTIONS / 3)
    _, counts = await running
    assert counts.failed == QUESTIONS - log.stats().responses > 0
    assert counts.scored == log.stats().responses
    async with served(endpoint, port=endpoint.port):
        assert await evaluate(endpoint.url, log=log) == expected
    assert endpoint.repeats <= CONCURRENCY


async def test_a_model_unloaded_in_the_middle_ends_the_run_and_a_second_completes(
    endpoint: Endpoint, log: ResponseLog, expected: Outcome
) -> None:
    endpoint.fault = lambda number: refuse(404, "The model does not exist.") if number > 100 else None
    with pytest.raises(EndpointRefused, match="does not know the model"):
        await evaluate(endpoint.url, log=log)
    assert len(endpoint.bodies) <= 100 + CONCURRENCY
    endpoint.fault = lambda number: None
    assert await evaluate(endpoint.url, log=log) == expected
    assert endpoint.repeats <= CONCURRENCY


async def test_a_pause_that_is_asked_for_is_kept_by_all(endpoint: Endpoint, log: ResponseLog) -> None:
    asked: list[float] = []

    def fault(number: int) -> web.StreamResponse | None:
        asked.append(time.monotonic())
        return refuse(429, "slow down", **{"Retry-After": "1"}) if number == 100 else None

    endpoint.fault = fault
    await evaluate(endpoint.url, log=log)
    gaps = [later - earlier for earlier, later in pairwise(asked[99:])]
    assert max(gaps) > 0.9
    assert sum(gap < 0.5 for gap in gaps[: gaps.index(max(gaps))]) <= CONCURRENCY


async def test_a_pause_may_be_given_as_a_moment_of_the_servers_clock(
    endpoint: Endpoint, log: ResponseLog, expected: Outcome
) -> None:
    date, later = "Mon, 06 Mar 2000 00:00:00 GMT", "Mon, 06 Mar 2000 00:00:01 GMT"
    asked = refuse(429, "slow down", **{"Date": date, "Retry-After": later})
    endpoint.fault = lambda number: asked if number == QUESTIONS / 2 else None
    began = time.monotonic()
    assert await evaluate(endpoint.url, log=log) == expected
    assert 1.0 <= time.monotonic() - began < 30.0


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            lambda: web.Response(status=301, headers={"Location": "https://elsewhere/v1"}),
            "the API is elsewhere",
        ),
        (
            lambda: web.json_response({"error": {"code": "insufficient_quota"}}, status=429),
            "no credit left",
        ),
    ],
)
async def test_what_no_retry_mends_is_not_tried_again(
    endpoint: Endpoint, log: ResponseLog, answer: Callable[[], web.Response], says: str
) -> None:
    endpoint.fault = lambda number: answer()
    with pytest.raises(EndpointRefused, match=says):
        await evaluate(endpoint.url, log=log)
    assert len(endpoint.bodies) <= CONCURRENCY
