import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from assay.errors import (
    EndpointRefused,
    NothingAnswers,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair, Sampling
from assay.store.responses import ResponseLog
from harnesses.engine import engine as engines
from harnesses.engine.engine import Answer, Engine, Likelihoods
from harnesses.providers.protocol import Ability

pytestmark = pytest.mark.anyio
CHECKPOINT = Checkpoint(name="fake:a", fingerprint="a")


class Fake:
    """A provider that answers from a list of errors, then well."""

    name = "fake:a"
    logged = True
    pairs_per_call = 4
    conditions: Mapping[str, str] = {}
    doing = ""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls: list[Call] = []
        self.batches: list[Sequence[Pair]] = []
        self.in_flight = self.most = 0

    async def checkpoint(self) -> Checkpoint:
        return CHECKPOINT

    async def prove(self, ability: Ability) -> None:
        return None

    async def ready(self) -> None:
        return None

    async def complete(self, call: Call) -> Completion:
        self.calls.append(call)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(0.001)
            if self.errors:
                raise self.errors.pop(0)
            return Completion(text=f"{call.prompt}!{call.sample}")
        finally:
            self.in_flight -= 1

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        self.batches.append(pairs)
        await asyncio.sleep(0)
        if any("long" in pair.context for pair in pairs):
            raise RequestRefused("The prompt is too long.")
        return [LogLikelihood(logprob=-float(len(pair.continuation)), tokens=1) for pair in pairs]

    async def aclose(self) -> None:
        return None


def calls(count: int, **changes: object) -> list[Call]:
    return [Call(prompt=f"q{i}", question_id=f"q{i}").model_copy(update=changes) for i in range(count)]


async def answers(engine: Engine, some: Sequence[Call]) -> dict[int, Answer | ProviderError]:
    return {place: answer async for place, answer in engine.complete_all(some)}


@pytest.fixture
async def log(assay_home: object) -> AsyncIterator[ResponseLog]:
    opened = ResponseLog.open()
    yield opened
    await opened.aclose()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_pause", lambda error, attempt: 0.0)


async def test_every_call_is_answered_at_its_place() -> None:
    engine = Engine(Fake(), checkpoint=CHECKPOINT)
    found = await answers(engine, calls(100))
    assert sorted(found) == list(range(100))
    assert all(
        isinstance(a, Answer) and a.completion and a.completion.text == f"q{i}!0" for i, a in found.items()
    )


async def test_no_more_are_in_flight_than_allowed() -> None:
    fake = Fake()
    await answers(Engine(fake, checkpoint=CHECKPOINT, concurrency=5), calls(60))
    assert fake.most <= 5


async def test_answers_come_from_the_log_the_second_time(log: ResponseLog) -> None:
    fake = Fake()
    await answers(Engine(fake, checkpoint=CHECKPOINT, log=log), calls(20))
    again = await answers(Engine(fake, checkpoint=CHECKPOINT, log=log), calls(30))
    assert len(fake.calls) == 30
    assert sum(isinstance(a, Answer) and a.cached for a in again.values()) == 20


@pytest.mark.parametrize(
    "changes",
    [{"sample": 1}, {"sampling": Sampling(temperature=0.5)}, {"sampling": Sampling(seed=1)}],
)
async def test_what_changes_an_answer_is_asked_anew(log: ResponseLog, changes: dict[str, object]) -> None:
    fake = Fake()
    await answers(Engine(fake, checkpoint=CHECKPOINT, log=log), calls(1))
    await answers(Engine(fake, checkpoint=CHECKPOINT, log=log), calls(1, **changes))
    assert len(fake.calls) == 2


async def test_another_checkpoint_never_shares_an_answer(log: ResponseLog) -> None:
    fake = Fake()
    await answers(Engine(fake, checkpoint=CHECKPOINT, log=log), calls(1))
    other = CHECKPOINT.model_copy(update={"fingerprint": "b"})
    await answers(Engine(fake, checkpoint=other, log=log), calls(1))
    assert len(fake.calls) == 2


async def test_which_question_asked_does_not_matter(log: ResponseLog) -> None:
    fake = Fake()
    await answers(Engine(fake, checkpoint=CHECKPOINT, log=log), calls(1))
    await answers(Engine(fake, checkpoint=CHECKPOINT, log=log), calls(1, question_id="other", row=7))
    assert len(fake.calls) == 1


@pytest.mark.parametrize("error", [ProviderUnavailable("broke"), RateLimited("slow down", retry_after=0.0)])
async def test_passing_failures_are_asked_again(error: ProviderError) -> None:
    engine = Engine(Fake(error, error), checkpoint=CHECKPOINT)
    found = await answers(engine, calls(1))
    assert isinstance(found[0], Answer)
    assert engine.stats.retried == 2


async def test_a_failure_that_stays_is_yielded_and_never_logged(log: ResponseLog) -> None:
    engine = Engine(Fake(RequestRefused("too long")), checkpoint=CHECKPOINT, log=log)
    found = await answers(engine, calls(3))
    assert sum(isinstance(a, RequestRefused) for a in found.values()) == 1
    assert log.stats().responses == 2


async def test_an_endpoint_that_refuses_all_ends_everything() -> None:
    with pytest.raises(EndpointRefused, match="wrong key"):
        await answers(Engine(Fake(EndpointRefused("wrong key")), checkpoint=CHECKPOINT), calls(50))


async def test_overload_halves_the_limit() -> None:
    fake = Fake(*[RateLimited("slow", retry_after=0.0)] * 3)
    engine = Engine(fake, checkpoint=CHECKPOINT, concurrency=16)
    await answers(engine, calls(3))
    assert [(change.reason, change.limit) for change in engine.limit.lately(60)][1] == ("429", 8)


async def test_likelihoods_of_many_questions_share_requests(log: ResponseLog) -> None:
    fake = Fake()
    engine = Engine(fake, checkpoint=CHECKPOINT, log=log)
    groups = [[Pair(context=f"c{i}", continuation="x" * (j + 1)) for j in range(3)] for i in range(8)]
    found = {place: got async for place, got in engine.loglikelihoods_all(groups)}
    assert len(fake.batches) == 6
    assert all(
        isinstance(g, Likelihoods) and [ll.logprob for ll in g.found] == [-1, -2, -3] for g in found.values()
    )
    again = {place: got async for place, got in engine.loglikelihoods_all(groups)}
    assert len(fake.batches) == 6
    assert sorted(again) == sorted(found)


async def test_one_pair_that_is_refused_fails_its_question_alone() -> None:
    groups = [[Pair(context="long" if i == 2 else f"c{i}", continuation="x")] for i in range(5)]
    found = {
        place: got async for place, got in Engine(Fake(), checkpoint=CHECKPOINT).loglikelihoods_all(groups)
    }
    assert [place for place, got in found.items() if isinstance(got, ProviderError)] == [2]
    assert len(found) == 5


async def test_a_backend_long_without_any_answer_is_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "OUTAGE", -1.0)
    fake = Fake(*[ProviderUnavailable("gone")] * 1000)
    engine = Engine(fake, checkpoint=CHECKPOINT, concurrency=2)
    found = await answers(engine, calls(40))
    assert all(isinstance(a, ProviderUnavailable) for a in found.values())
    assert len(fake.calls) < 10


async def test_leaving_early_cancels_what_is_in_flight() -> None:
    fake = Fake()
    async for _ in Engine(fake, checkpoint=CHECKPOINT, concurrency=4).complete_all(calls(100)):
        break
    before = len(fake.calls)
    await asyncio.sleep(0.02)
    assert len(fake.calls) <= before + 4


async def test_what_answers_is_started_once_and_only_when_it_is_needed() -> None:
    class Slow(Fake):
        started = 0

        async def ready(self) -> None:
            self.started += 1
            await asyncio.sleep(0.05)

    provider = Slow()
    engine = Engine(provider, checkpoint=CHECKPOINT)
    assert provider.started == 0
    calls = [Call(prompt=f"q{i}") for i in range(5)]
    found = [answer async for _, answer in engine.complete_all(calls)]
    assert all(isinstance(answer, Answer) for answer in found)
    assert provider.started == 1
    await engine.aclose()


async def test_what_cannot_be_started_ends_the_evaluation() -> None:
    class Broken(Fake):
        started = 0

        async def ready(self) -> None:
            self.started += 1
            raise EndpointRefused("It does not start.")

    provider = Broken()
    engine = Engine(provider, checkpoint=CHECKPOINT)
    for _ in range(2):
        with pytest.raises(EndpointRefused, match="does not start"):
            await engine.complete(Call(prompt="q"))
    assert (provider.started, provider.calls) == (1, [])
    await engine.aclose()


async def test_an_old_failure_does_not_make_a_new_one_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "OUTAGE", 0.05)
    fake = Fake()
    engine = Engine(fake, checkpoint=CHECKPOINT)
    await asyncio.sleep(0.1)
    fake.errors = [ProviderUnavailable("broke")]
    assert isinstance((await answers(engine, calls(1)))[0], Answer)


async def test_a_backend_that_is_starting_is_asked_more_often_than_a_request_that_fails() -> None:
    away = Fake(*[NothingAnswers("not there")] * 3 * engines.TRIES)
    assert isinstance((await answers(Engine(away, checkpoint=CHECKPOINT), calls(1)))[0], Answer)
    broken = Fake(*[ProviderUnavailable("broke")] * 3 * engines.TRIES)
    assert isinstance((await answers(Engine(broken, checkpoint=CHECKPOINT), calls(1)))[0], ProviderError)


async def test_being_slowed_down_is_no_failure_of_the_request() -> None:
    fake = Fake(*[RateLimited("slow", retry_after=0.0)] * 3 * engines.TRIES)
    assert isinstance((await answers(Engine(fake, checkpoint=CHECKPOINT), calls(1)))[0], Answer)


async def test_a_slow_log_is_not_taken_for_a_slow_backend() -> None:
    class Slow(ResponseLog):
        async def append_all(self, bodies: Mapping[str, bytes]) -> None:
            await asyncio.sleep(0.3)
            await super().append_all(bodies)

    fake, log = Fake(), Slow.open()
    found = await answers(Engine(fake, checkpoint=CHECKPOINT, log=log, timeout=0.15), calls(3))
    await log.aclose()
    assert all(isinstance(answer, Answer) for answer in found.values())
    assert len(fake.calls) == 3


async def test_a_process_that_stood_still_does_not_blame_the_backend() -> None:
    class Standing(Fake):
        async def complete(self, call: Call) -> Completion:
            await asyncio.sleep(0.05)
            if not self.calls:
                asyncio.get_running_loop().call_soon(time.sleep, 0.5)
            return await super().complete(call)

    fake = Standing()
    await answers(Engine(fake, checkpoint=CHECKPOINT, timeout=0.3), calls(8))
    assert len(fake.calls) == 8
