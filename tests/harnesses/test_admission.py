"""What several processes share admits every request that is sent, tries included, and none that is known."""

import pytest

from assay.errors import ProviderUnavailable
from assay.store.responses import ResponseLog
from harnesses.engine.engine import Engine
from tests.harnesses.test_engine import CHECKPOINT, Fake, answers, calls

pytestmark = pytest.mark.anyio


async def test_every_request_is_admitted_and_no_known_answer() -> None:
    admitted = 0

    async def admit() -> None:
        nonlocal admitted
        admitted += 1

    for wanted in (6, 6):
        provider = Fake(ProviderUnavailable("busy"))
        engine = Engine(provider, checkpoint=CHECKPOINT, log=ResponseLog.open(), admit=admit)
        await answers(engine, calls(5))
        await engine.aclose()
        assert admitted == wanted
