"""Several checkpoints on one command line, and options that keep every value."""

from pathlib import Path

import pytest

from assay.cli import main
from assay.cli.checkpoints import read_checkpoints
from assay.errors import BadSpec


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for step in (9, 10, 1000):
        (tmp_path / f"step-{step}").mkdir()
    return tmp_path


def test_a_pattern_names_all_checkpoints_in_the_order_of_their_steps(folder: Path) -> None:
    chosen = read_checkpoints([f"embedded:{folder}/step-*"], training_run="a", step=None)
    assert [(point.training_run, point.step) for point in chosen] == [("a", 9), ("a", 10), ("a", 1000)]
    assert chosen[0].checkpoint == f"embedded:{folder}/step-9"


def test_every_checkpoint_that_is_named_is_kept() -> None:
    chosen = read_checkpoints(["openai:a", "openai:b"], training_run=None, step=None)
    assert [point.checkpoint for point in chosen] == ["openai:a", "openai:b"]
    assert [point.step for point in chosen] == [None, None]


def test_one_checkpoint_keeps_the_step_that_is_given() -> None:
    assert read_checkpoints(["openai:a"], training_run="r", step=7)[0].step == 7
    assert read_checkpoints(["openai:a-8"], training_run="r", step=None)[0].step is None


@pytest.mark.parametrize(
    ("models", "run", "step"),
    [
        (["openai:a", "openai:a"], None, None),
        (["openai:a", "openai:b"], None, 3),
        (["openai:a-1", "openai:a-2"], "r", 3),
        (["openai:a", "openai:b"], "r", None),
        (["openai:a-1", "openai:b-1"], "r", None),
        (["embedded:/nowhere/step-*"], None, None),
    ],
)
def test_what_cannot_be_meant_is_refused(models: list[str], run: str | None, step: int | None) -> None:
    with pytest.raises(BadSpec):
        read_checkpoints(models, training_run=run, step=step)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "-m", "openai:a", "-t", "gsm8k", "--limit", "1", "--limit", "2"],
        ["run", "-m", "openai:a", "-t", "gsm8k", "-H", "plain", "-Hother"],
        ["run", "-m", "openai:a", "-t", "gsm8k", "--run=a", "--run", "b"],
        ["runs", "-t", "a", "--task", "b"],
        ["checkpoint", "announce", "openai:m", "--run", "a", "--step", "1", "--step", "2"],
    ],
)
def test_an_option_of_one_value_is_refused_twice(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "given twice" in capsys.readouterr().err


def test_a_flag_and_a_repeatable_option_may_be_given_twice(
    assay_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["runs", "--json", "--json", "--limit", "1"])
    assert not ended.value.code
    assert capsys.readouterr().out == '{"runs":[]}\n'
