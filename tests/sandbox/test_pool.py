"""Leases are as new, few at once, and all given back."""

import asyncio

import pytest

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.planner import Plan
from sandbox.pool import Pool
from sandbox.protocol import Available, Sandbox, SandboxSpec
from tests.sandbox.conftest import ALL, working

pytestmark = pytest.mark.anyio


class Box:
    """A sandbox that only closes."""

    def __init__(self) -> None:
        self.closed = 0
        self.resets = 0
        self.broken = False

    async def reset(self) -> None:
        await asyncio.sleep(0)
        if self.broken:
            raise SandboxError("The sandbox has ended.")
        self.resets += 1

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed += 1


class Factory:
    """A backend that keeps what it made."""

    name = "factory"

    def __init__(self) -> None:
        self.made: list[Box] = []
        self.collected = 0

    async def probe(self) -> Available:
        raise AssertionError("a pool does not ask again")

    async def acquire(self, spec: SandboxSpec) -> Sandbox:
        await asyncio.sleep(0)
        assert spec.image == "debian"
        self.made.append(Box())
        return self.made[-1]  # type: ignore[return-value]

    async def collect(self) -> int:
        self.collected += 1
        return 0


@pytest.fixture
def factory() -> Factory:
    return Factory()


@pytest.fixture
def chosen(factory: Factory) -> Plan:
    return Plan(backend=factory, needs=frozenset({"python"}), image="debian", reason="")


async def test_what_comes_back_is_reset_and_used_again(factory: Factory, chosen: Plan) -> None:
    async with Pool(chosen, size=1) as pool:
        for resets in range(2):
            async with pool.lease():
                assert [(box.resets, box.closed) for box in factory.made] == [(resets, 0)]
    assert [box.closed for box in factory.made] == [1]


async def test_what_cannot_be_reset_is_closed_and_replaced(factory: Factory, chosen: Plan) -> None:
    async with Pool(chosen, size=1) as pool:
        async with pool.lease():
            factory.made[0].broken = True
        assert [box.closed for box in factory.made] == [1]
        async with pool.lease():
            assert len(factory.made) == 2
    assert [box.closed for box in factory.made] == [1, 1]


async def test_leftovers_are_removed_at_the_start(factory: Factory, chosen: Plan) -> None:
    async with Pool(chosen):
        await asyncio.sleep(0)
        assert factory.collected == 1


async def test_no_more_than_its_size_at_once(chosen: Plan) -> None:
    now, most = 0, 0

    async def work(pool: Pool) -> None:
        nonlocal now, most
        async with pool.lease():
            now += 1
            most = max(most, now)
            for _ in range(5):
                await asyncio.sleep(0)
            now -= 1

    async with Pool(chosen, size=3) as pool:
        await asyncio.gather(*(work(pool) for _ in range(10)))
    assert most == 3


async def test_warm_makes_one_ahead_and_it_is_used(factory: Factory, chosen: Plan) -> None:
    async with Pool(chosen) as pool:
        await asyncio.gather(pool.warm(), pool.warm())
        assert len(factory.made) == 1
        async with pool.lease():
            assert len(factory.made) == 1
        await pool.warm()
    assert [box.closed for box in factory.made] == [1]


async def test_without_a_backend_warm_does_nothing_and_lease_refuses() -> None:
    async with Pool(Plan(backend=None, reason="nothing needs a sandbox")) as pool:
        await pool.warm()
        with pytest.raises(SandboxUnavailable, match="nothing needs a sandbox"):
            async with pool.lease():
                pass


async def test_cancelled_leases_are_closed(factory: Factory, chosen: Plan) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async with Pool(chosen) as pool:
            await pool.warm()
            async with pool.lease():
                await pool.warm()
                started.set()
                await asyncio.Event().wait()

    running = asyncio.create_task(work())
    await started.wait()
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [box.closed for box in factory.made] == [1, 1]


@pytest.mark.parametrize("name", ALL)
async def test_programs_run_side_by_side(name: str) -> None:
    backend = await working(name)

    async def work(pool: Pool, word: str) -> bytes:
        async with pool.lease() as sandbox:
            await sandbox.write("word", word.encode())
            return (await sandbox.exec(["cat", "word"])).stdout

    async with Pool(Plan(backend=backend, needs=frozenset({"bash"}), reason=""), size=4) as pool:
        words = [f"word{i}" for i in range(12)]
        assert await asyncio.gather(*(work(pool, word) for word in words)) == [w.encode() for w in words]
