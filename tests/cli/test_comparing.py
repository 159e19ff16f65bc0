"""`compare`, `gate`, `plan` and `curve` on stored runs, as a stranger would call them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assay.cli import main
from assay.cli.compare import some_of_each
from assay.store import Store
from tests.golden.test_statistics import answers
from tests.report.examples import stored
from tests.viewer.examples import flip

Told = Callable[..., str]
RIGHT, WRONG = [1.0] * 300, [0.0] * 300
HALF = [1.0, 0.0] * 150


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Run a command and return its standard output."""
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        assert int(str(ended.value.code or 0)) == code, captured.err
        return captured.out

    return run


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open() as found:
        stored(found, "half", HALF, step=1)
        stored(found, "same", HALF, step=2)
        stored(found, "other", [0.0, *HALF[:-1]], step=3)
        stored(found, "right", RIGHT, step=4)
        yield found


@pytest.mark.usefixtures("store")
def test_compare_prints_one_object_with_every_number(told: Told) -> None:
    found = json.loads(told("compare", "embedded:half", "embedded:right", "--json"))
    task = found["tasks"][0]
    assert (task["wins"], task["losses"], task["ties"], task["n"]) == (150, 0, 150, 300)
    assert task["verdict"] == found["suite"]["verdict"] == "improved"
    for name in ("se", "low", "high", "p", "p_second", "p_holm", "p_better", "mde", "pairing_gain", "method"):
        assert name in task
    assert found["family"]["correction"] == "Holm"


@pytest.mark.usefixtures("store")
def test_compare_by_another_method(told: Told) -> None:
    for method, name in (("bootstrap", "bootstrap, BCa"), ("t", "t; t(299)")):
        printed = json.loads(told("compare", "embedded:half", "embedded:right", "--method", method, "--json"))
        assert printed["tasks"][0]["method"].startswith(name)
    told("compare", "embedded:half", "embedded:right", "--method", "jackknife", code=2)


def test_compare_a_part_of_the_questions_with_all(told: Told, store: Store) -> None:
    stored(store, "part", RIGHT[:100], ids=[f"q{i}" for i in range(100)])
    told("compare", "embedded:half", "embedded:part", code=3)
    printed = json.loads(told("compare", "embedded:half", "embedded:part", "--method", "cuped", "--json"))
    assert printed["tasks"][0]["method"].startswith("PPI")
    assert printed["tasks"][0]["verdict"] == "improved"


@pytest.mark.usefixtures("store")
def test_compare_with_labels_of_a_judge(told: Told, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    rows = [{"question_id": f"q{i}", "a": 0, "b": int(i % 3 > 0)} for i in range(60)]
    labels.write_text("\n".join(map(json.dumps, rows)))
    command = ("compare", "embedded:half", "embedded:right", "--judge-labels", str(labels), "--json")
    task = json.loads(told(*command))["tasks"][0]
    assert task["method"].startswith("PPI, weight")
    assert [judge["labels"] for judge in task["judges"]] == [60, 60]
    assert task["judges"][1]["accuracy"] == pytest.approx(40 / 60)
    labels.write_text("not json")
    told(*command, code=2)


def test_compare_with_other_seeds_makes_a_claim_about_the_recipes(told: Told, store: Store) -> None:
    for name, right in (("a", 150), ("a2", 160), ("b", 200), ("b2", 215)):
        stored(store, name, [1.0] * right + [0.0] * (300 - right), training_run=name, step=1)
    command = ("compare", "embedded:a", "embedded:b", "--json")
    assert json.loads(told(*command))["suite"]["recipe"] is None
    seeds = ("--seed-a", "embedded:a2", "--seed-b", "embedded:b2")
    recipe = json.loads(told(*command, *seeds))["suite"]["recipe"]
    assert (recipe["seeds_a"], recipe["seeds_b"]) == (2, 2)
    assert recipe["delta"] == pytest.approx((200 + 215 - 150 - 160) / 600)


@pytest.mark.usefixtures("store")
def test_compare_prints_markdown_with_links_to_the_formulas(told: Told) -> None:
    text = told("compare", "embedded:half", "embedded:right", "--markdown")
    assert text.startswith("**")
    assert "docs/statistics.md#verdict" in text


@pytest.mark.usefixtures("store")
def test_compare_shows_questions_of_both_directions(told: Told) -> None:
    text = told("compare", "embedded:half", "embedded:other", "--flips", "5")
    assert sum(line.startswith("fixed") for line in text.splitlines()) == 2
    assert sum(line.startswith("broke") for line in text.splitlines()) == 3


def test_every_task_and_direction_has_its_turn() -> None:
    flips = [flip(i, direction="broke") for i in range(9)] + [flip(i, task="letters") for i in range(10, 12)]
    assert [(one.task, one.question_id) for one in some_of_each(flips, most=5)] == [
        *(("sums", f"q{i}") for i in range(3)), ("letters", "q10"), ("letters", "q11"),
    ]  # fmt: skip
    assert some_of_each(flips, most=0) == []
    assert some_of_each(flips, most=99) == flips


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("a", "b", "code", "word"),
    [
        ("half", "right", 0, "passed"),
        ("half", "same", 0, "passed"),
        ("right", "half", 10, "regressed"),
        ("half", "other", 11, "unresolved"),
    ],
)
def test_the_exit_code_of_a_gate_is_its_verdict(told: Told, a: str, b: str, code: int, word: str) -> None:
    assert word in told("gate", f"embedded:{a}", f"embedded:{b}", code=code).splitlines()[-1]
    assert (
        json.loads(told("gate", f"embedded:{a}", f"embedded:{b}", "--json", code=code))["gate"]["result"]
        == word
    )


@pytest.mark.usefixtures("store")
def test_a_gate_that_cannot_compare_says_so(told: Told) -> None:
    told("gate", "embedded:half", "nobody", code=2)
    told("gate", "embedded:half", "embedded:right", "--margin", "lots", code=2)


@pytest.mark.usefixtures("store")
def test_plan_tells_questions_and_what_can_be_resolved(told: Told) -> None:
    assert "To resolve 0.5 pp you need" in told(
        "plan", "embedded:half@arithmetic", "embedded:right@arithmetic", "--delta", "0.5pp"
    )
    assumed = json.loads(told("plan", "--flips", "0.2", "--n", "1000", "--delta", "2pp", "--json"))
    assert assumed["required_n"] > 3000
    assert assumed["mde"] == pytest.approx(0.0396, rel=0.01)
    told("plan", "embedded:half@arithmetic", "embedded:same@arithmetic", code=3)


@pytest.mark.usefixtures("store")
def test_curve_shows_looks_and_noise(told: Told) -> None:
    text = told("curve", "train", "--verbose")
    for part in ("against first", "alpha", "improved", "scatter by", "monotonicity", "#curve"):
        assert part in text
    found = json.loads(told("curve", "train", "--json"))
    assert [point["step"] for point in found["curves"][0]["points"]] == [1, 2, 3, 4]


@pytest.mark.golden
def test_the_published_pair_compares_as_published(told: Told, golden_dir: Path) -> None:
    names = ("gsm8k_openai_6b_finetuning", "gsm8k_openai_175b_verification")
    with Store.open() as store:
        for name in names:
            stored(store, name, list(answers(golden_dir / name, "correct").values()))
    task = json.loads(told("compare", *(f"embedded:{name}" for name in names), "--json"))["tasks"][0]
    assert (task["wins"], task["losses"], task["ties"]) == (499, 43, 777)
    assert task["delta"] == pytest.approx(0.3457164518574678)
    assert task["p"] == pytest.approx(8.995467720491714e-100, rel=1e-9, abs=0)
    assert task["p_second"] == pytest.approx(1.6569333623969997e-99, rel=1e-9, abs=0)
    assert task["se"] == pytest.approx(0.014869117830683065)
    assert task["mde"] == pytest.approx(0.041687944180511256)
