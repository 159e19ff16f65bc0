import pytest

from assay.errors import BadSpec, UnknownName
from tasks_lib.options import OPTIONS
from tasks_lib.sources import Hub, Local
from tasks_lib.spec import resolve_task
from tests.conftest import ROOT


def test_an_option_changes_one_field_and_is_recorded() -> None:
    task = resolve_task("gsm8k", {"shots": "2", "temperature": "0.6", "stop": r"\n\n|END", "margin": "0.02"})
    assert (task.shots, task.generate.temperature, task.margin) == (2, 0.6, 0.02)
    assert task.generate.stop == ("\n\n", "END")
    assert task.options == {"shots": "2", "temperature": "0.6", "stop": r"\n\n|END", "margin": "0.02"}
    assert task.definition() != resolve_task("gsm8k", {}).definition()


def test_what_is_no_part_of_what_is_measured_is_no_part_of_the_definition() -> None:
    assert resolve_task("gsm8k", {"margin": "0.02"}).definition() == resolve_task("gsm8k", {}).definition()


def test_the_data_set_can_be_changed() -> None:
    task = resolve_task("gsm8k", {"config": "socratic", "split": "train", "revision": "abc"})
    assert task.source == Hub("openai/gsm8k", "socratic", split="train", revision="abc")
    assert resolve_task("gsm8k", {"revision": ""}).source == Hub("openai/gsm8k", "main", split="test")
    assert resolve_task("gsm8k", {"fewshot_source": "a.jsonl"}).fewshot == Local("a.jsonl")
    assert resolve_task("gsm8k", {"source": "a.csv"}).source == Local("a.csv")


def test_an_empty_stop_is_none() -> None:
    assert resolve_task("gsm8k", {"stop": ""}).generate.stop == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shots", "five"),
        ("shots", "-1"),
        ("samples", "0"),
        ("max_tokens", "0"),
        ("temperature", "-1"),
        ("top_p", "2"),
        ("margin", "0"),
        ("margin", "nan"),
        ("seed", "1.5"),
        ("shot_rule", "at random"),
    ],
)
def test_a_value_of_the_wrong_kind_is_one_sentence(key: str, value: str) -> None:
    with pytest.raises(BadSpec, match=f"{key}='{value}' of 'gsm8k' does not parse") as caught:
        resolve_task("gsm8k", {key: value})
    assert "\n" not in str(caught.value)


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="max_tokens"):
        resolve_task("gsm8k", {"max_token": "5"})


def test_every_option_is_documented() -> None:
    text = (ROOT / "docs" / "tasks.md").read_text()
    assert [key for key in OPTIONS if f"`{key}`" not in text] == []


def test_an_option_of_the_hub_needs_a_task_of_the_hub() -> None:
    for key in ("config", "split", "revision", "fewshot_split"):
        assert key in OPTIONS
        with pytest.raises(BadSpec, match="reads no data set of the Hub"):
            resolve_task("demo_words", {key: "x"})
