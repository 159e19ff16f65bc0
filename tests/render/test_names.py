"""Checkpoints are named by what tells them apart, not by the way to them."""

import pytest

from assay.names import several, short_checkpoint


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("embedded:/data/runs/a/step-000420", "a/step-000420"),
        ("embedded:/data/a/checkpoints/step-1", "a/step-1"),
        ("embedded:./step-1", "step-1"),
        ("replay:~/sets/outputs.jsonl.gz", "sets/outputs.jsonl.gz"),
        ("hf:org/model", "hf:org/model"),
        ("openai:/odd/name", "openai:/odd/name"),
        ("embedded:/", "embedded:/"),
        ("no provider", "no provider"),
    ],
)
def test_paths_are_shortened_and_names_are_not(name: str, short: str) -> None:
    assert short_checkpoint(name) == short


def test_training_run_and_step_say_more_than_a_path() -> None:
    assert short_checkpoint("openai:m", training_run="a", step=0) == "a@0"
    assert short_checkpoint("openai:m", training_run="a") == "openai:m"


def test_many_names_become_their_number() -> None:
    assert several(["a", "b", "a"], what="tasks") == "a, b"
    assert several(["a", "b", "c", "d"], what="tasks") == "4 tasks"
