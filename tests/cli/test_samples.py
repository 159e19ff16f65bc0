"""`assay samples` shows the answers that are asked for, of the run that a name means."""

import json
from pathlib import Path

import pytest

from assay.cli import main
from assay.records import Counts
from assay.store.store import Store
from tests.store.examples import make_questions, make_run, make_samples, make_score


@pytest.fixture(autouse=True)
def _kept(assay_home: Path) -> None:
    with Store.open() as store:
        run = make_run("f" * 12, counts=Counts(expected=3, scored=2, unparsed=1))
        store.begin_run(run, identity="f")
        store.save_questions(run.task_fingerprint, make_questions(3))
        store.save_samples(run.id, "all", make_samples(["q0", "q1", "q2"], output="[bold]four[/bold]"))
        scores = [make_score("q0"), make_score("q1", 0.0), make_score("q2", 0.0, status="unparsed")]
        store.finish_run(run, scores)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["samples", *arguments])
    assert not ended.value.code
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ([], ["q0", "q1", "q2"]),
        (["--wrong"], ["q1", "q2"]),
        (["--status", "unparsed"], ["q2"]),
        (["--status", "failed"], []),
        (["-n", "2"], ["q0", "q1"]),
    ],
)
def test_answers_are_chosen_by_how_they_ended(
    capsys: pytest.CaptureFixture[str], arguments: list[str], ids: list[str]
) -> None:
    shown = json.loads(told(capsys, "a@100@arithmetic", *arguments, "--json"))
    assert [answer["question"]["id"] for answer in shown["samples"]] == ids


def test_an_answer_is_shown_as_it_is_beside_its_question(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "ffff", "--wrong", "-n", "1")
    assert "What is 1 + 1?" in text
    assert "gold: 2" in text
    assert "[bold]four[/bold]" in text
    assert "No such answer." in told(capsys, "ffff", "--status", "failed")
