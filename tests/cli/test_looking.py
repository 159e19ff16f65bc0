"""Commands that look: `doctor`, `status`, `runs`. They start nothing and make nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.cli import main
from assay.cli.doctor import EXTRAS, Finding, examine
from assay.records import Counts, MetricSummary
from assay.store.store import Store
from tests.store.examples import at_step, make_run

Told = Callable[..., str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Run a command and return its standard output."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("ASSAY_OWN_SERVER", raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        assert int(str(ended.value.code or 0)) == code, captured.err
        return captured.out

    return run


@pytest.fixture
def kept(assay_home: Path) -> None:
    """A store with two runs."""
    long = "embedded:/somewhere/far/away/in/the/file/system/of/a/cluster/checkpoints/step-000200"
    score = MetricSummary(value=0.42, se=0.03, low=0.36, high=0.48, n=200)
    with Store.open() as store:
        for number, step in enumerate((100, 200)):
            run = make_run(
                f"{number}" * 12, minute=number, checkpoint=at_step(step, name=long), metrics={"exact": score}
            )
            store.begin_run(run, identity=str(number))
            store.finish_run(run, [])


def one_object(text: str) -> dict[str, Any]:
    assert text.count("\n") == 1
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def finding(what: str) -> Finding:
    return next(one for one in examine() if one.what == what)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["doctor"], "findings"),
        (["status"], "home"),
        (["runs"], "runs"),
        (["down"], "stopped"),
        (["tasks"], "tasks"),
        (["suites"], "suites"),
        (["harnesses"], "harnesses"),
    ],
)
def test_json_is_one_object_and_nothing_else(told: Told, arguments: list[str], key: str) -> None:
    assert key in one_object(told(*arguments, "--json"))


def test_looking_makes_nothing(told: Told, assay_home: Path) -> None:
    for arguments in (["doctor"], ["status"]):
        told(*arguments)
    assert not list(assay_home.iterdir())


def test_a_home_that_is_not_there_is_not_made(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "new" / "home"))
    told("doctor")
    told("status")
    assert not (tmp_path / "new").exists()


def test_status_says_where_things_are_and_what_runs(told: Told, assay_home: Path, kept: None) -> None:
    text = told("status")
    assert str(assay_home) in text
    assert "not running" in text
    assert "assay up" in text
    assert "arithmetic (completed)" in text
    found = one_object(told("status", "--json"))
    assert found["server"] is None
    assert found["deployments"] is False
    assert [run["id"] for run in found["runs"]] == ["1" * 12, "0" * 12]


def test_status_of_a_store_that_cannot_be_read_tells_the_rest(told: Told, assay_home: Path) -> None:
    (assay_home / "assay.db").write_text("this is no database, and it is long enough to be taken for one")
    assert one_object(told("status", "--json"))["problem"]
    assert "not running" in told("status")


def test_runs_fit_a_terminal_of_100_columns(told: Told, kept: None) -> None:
    lines = told("runs").splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 100
    assert "a@200" in lines[1]
    assert "42 ± 3%" in lines[1]
    assert "exact" in lines[1]
    assert "completion" in lines[1]
    assert told("runs", "-t", "nothing").strip() == "No such run."


def test_without_runs_the_way_to_some_is_told(told: Told) -> None:
    assert "assay demo" in told("runs")


def test_a_run_is_shown_whole_and_can_be_removed(told: Told, kept: None) -> None:
    assert "/somewhere/far/away" in told("runs", "show", "1111")
    assert one_object(told("runs", "show", "1111", "--json"))["id"] == "1" * 12
    assert one_object(told("runs", "remove", "1111", "--json")) == {"removed": "1" * 12}
    assert len(one_object(told("runs", "--json"))["runs"]) == 1


def test_doctor_finds_what_is_missing_and_says_what_mends_it(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("ASSAY_DATASETS_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("ASSAY_DB_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    bad = {one["what"]: one for one in one_object(told("doctor", "--json", code=3))["findings"]}
    for what, remedy in (
        ("home", "ASSAY_HOME"),
        ("data", "ASSAY_DATASETS_DIR"),
        ("store", ""),
        ("server", "PREFECT_API_URL"),
    ):
        assert bad[what]["ok"] is False
        assert bad[what]["remedy"]
        assert remedy in bad[what]["remedy"]


def test_doctor_counts_the_data_sets_of_a_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_DATASETS_DIR", str(tmp_path))
    assert finding("data").ok is False
    (tmp_path / "org" / "name").mkdir(parents=True)
    assert finding("data").ok is True
    assert "1 data set" in finding("data").said


def test_doctor_never_tells_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-told")
    monkeypatch.setenv("ASSAY_DB_URL", "postgresql://me:sk-never-told@127.0.0.1:9/nothing")
    found = list(examine())
    assert finding("key").ok is True
    assert "sk-never-told" not in repr(found)


def test_doctor_names_every_extra_and_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.cli.doctor.find_spec", lambda module: None)
    for extra in EXTRAS:
        assert finding(extra).ok is None
        assert f"'assay-eval[{extra}]'" in finding(extra).remedy


@pytest.mark.parametrize("noun", ["runs", "tasks", "suites"])
def test_a_list_can_be_asked_for_by_name(told: Told, kept: None, noun: str) -> None:
    assert told(noun, "list", "--json") == told(noun, "--json")


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        (["--run", "a"], [200, 100]),
        (["--run", "b"], []),
        (["-m", "a@100"], [100]),
        (["-m", "a@latest"], [200]),
        (["-m", "nobody"], []),
        (["--status", "failed"], []),
        (["--status", "completed", "-t", "arithmetic"], [200, 100]),
        (["--since", "2000-01-01"], [200, 100]),
        (["--since", "2999-01-01"], []),
    ],
)
def test_runs_are_chosen_by_what_is_shown(
    told: Told, kept: None, arguments: list[str], steps: list[int]
) -> None:
    listed = one_object(told("runs", *arguments, "--json"))["runs"]
    assert [run["step"] for run in listed] == steps
    assert {run["training_run"] for run in listed} <= {"a"}


@pytest.mark.parametrize("since", ["yesterday", "3 days", ""])
def test_a_time_that_does_not_parse_is_refused(told: Told, since: str) -> None:
    assert told("runs", "--since", since, code=2) == ""


def test_a_run_of_answers_that_were_not_understood_is_marked(told: Told, assay_home: Path) -> None:
    with Store.open() as store:
        metric = MetricSummary(value=0.0, se=0.0, n=10)
        run = make_run("f" * 12, metrics={"exact": metric}, counts=Counts(expected=10, unparsed=6, scored=4))
        store.begin_run(run, identity="f")
        store.finish_run(run, [])
    for arguments in (["runs"], ["runs", "show", "ffff"]):
        assert "6 of 10 answers hold nothing that the task extracts" in " ".join(told(*arguments).split())
    assert "completed, unparsed" in told("runs")
    (listed,) = one_object(told("runs", "--json"))["runs"]
    assert listed["status"] == "completed"
    assert "6 of 10 answers" in listed["warnings"][0]
