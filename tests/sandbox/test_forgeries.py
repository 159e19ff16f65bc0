"""No solution writes its own verdict: every trick scores 0, and the right answer 1."""

import pytest

from sandbox.protocol import Limits, Sandbox
from sandbox.trials import run_tests
from tests.sandbox.forgeries import FORGERIES, RIGHT, TESTS

pytestmark = pytest.mark.anyio
SHORT = Limits(seconds=6)


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forgery_does_not_pass(box: Sandbox, name: str) -> None:
    trial = await run_tests(box, FORGERIES[name], TESTS, names=["add"], seconds=2, limits=SHORT)
    assert not trial.passed
    assert trial.ending != "ok"
    await box.reset()
    assert (await run_tests(box, RIGHT, TESTS, names=["add"], limits=SHORT)).passed


def test_there_are_many() -> None:
    assert len(FORGERIES) >= 60
