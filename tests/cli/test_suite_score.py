"""`assay suites score`: the number of a suite from stored runs, or why it has none."""

from collections.abc import Callable, Iterator

import orjson
import pytest

from assay.cli import main
from assay.store import Store
from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import best_of, suite
from tests.report.examples import stored
from tests.tasks_lib.rows import keep_registry

Printed = Callable[..., str]
EASY, HARD = "arc_easy:olmes", "arc_challenge:olmes"
QUARTER, HALF, RIGHT = [1.0, 0.0, 0.0, 0.0], [1.0, 0.0], [1.0]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Run a command and return its standard output."""
    monkeypatch.setenv("COLUMNS", "160")
    keep_registry(monkeypatch)
    register_suite("arcs")(lambda: suite("arc_easy", "arc_challenge"))
    register_suite("better")(lambda: suite(EASY, "forms"))
    register_suite("forms")(lambda: best_of(EASY, HARD))

    def run(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        streams = capsys.readouterr()
        assert int(str(ended.value.code or 0)) == code, streams.err
        return streams.out

    return run


@pytest.fixture
def store() -> Iterator[Store]:
    error = {"metric": {"se": 0.04}}
    with Store.open() as store_:
        stored(store_, "old", HALF * 9, task=EASY, **error)
        stored(store_, "some", RIGHT * 8, task=EASY, limit=8, **error)
        stored(store_, "both", HALF * 9, task=EASY, **error)
        stored(store_, "both", QUARTER * 5, task=HARD, **error)
        yield store_


def numbers(printed: Printed, *arguments: str) -> dict[str, object]:
    score: dict[str, object] = orjson.loads(printed("suites", "score", *arguments, "--json"))["suite"]
    return score


@pytest.mark.usefixtures("store")
def test_a_suite_is_scored_from_the_runs_of_its_tasks(printed: Printed) -> None:
    score = numbers(printed, "arcs:olmes", "-m", "embedded:both")
    assert score["value"] == pytest.approx((0.5 + 0.25) / 2)
    assert score["se"] == pytest.approx(0.5 * 0.04 * 2**0.5)
    assert numbers(printed, "better", "-m", "embedded:both")["value"] == 0.5
    table = printed("suites", "score", "better", "-m", "embedded:both")
    assert [line.split()[:2] for line in table.splitlines()[1:]] == [
        ["better", "50%"],
        [EASY, "50%"],
        ["forms", "50%"],
        [EASY, "50%"],
        [HARD, "25%"],
    ]


@pytest.mark.usefixtures("store")
def test_a_suite_without_a_run_of_each_task_has_no_number(printed: Printed) -> None:
    out = printed("suites", "score", "arcs:olmes", "-m", "embedded:old")
    assert out.endswith(f"arcs:olmes has no number: without a score: {HARD}.\n")
    # A run of eight questions is none of the task, unless they are asked for.
    assert numbers(printed, "forms", "-m", "embedded:some")["value"] is None
    limited = numbers(printed, "forms", "-m", "embedded:some", "--limit", "8")
    assert limited["undefined"] == f"without a score: {HARD}"


@pytest.mark.usefixtures("store")
def test_a_checkpoint_has_the_names_that_are_shown(printed: Printed) -> None:
    assert numbers(printed, "better", "-m", "both")["value"] == 0.5
    assert printed("suites", "score", "better", "-m", "bothh", code=2) == ""


def test_an_unknown_suite_is_named(printed: Printed) -> None:
    assert printed("suites", "score", "no_such_suite", "-m", "embedded:both", code=2) == ""
