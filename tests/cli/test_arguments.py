import pytest

from assay.cli.arguments import Asked, read_tasks
from assay.cli.options import read_settings, read_size
from assay.errors import BadSpec
from assay.redaction import redact


def test_options_belong_to_the_task_before_them() -> None:
    arguments = ["run", "-t", "a", "-o", "x=1", "--task=b:c", "-oy=2", "-m", "x:y", "--option", "z=3=4"]
    assert read_tasks(arguments) == [Asked("a", {"x": "1"}), Asked("b:c", {"y": "2", "z": "3=4"})]


@pytest.mark.parametrize(
    "arguments", [["-o", "x=1", "-t", "a"], ["-t", "a", "-o", "x"], ["-t", "a", "-o", "=1"]]
)
def test_an_option_in_the_wrong_place_or_form_is_refused(arguments: list[str]) -> None:
    with pytest.raises(BadSpec):
        read_tasks(arguments)


def test_settings_are_pairs() -> None:
    assert read_settings(["a=b=c"], flag="-M") == {"a": "b=c"}
    with pytest.raises(BadSpec):
        read_settings(["a"], flag="-M")


@pytest.mark.parametrize(("text", "value"), [("1pp", 0.01), ("0.5 pp", 0.005), ("0.02", 0.02)])
def test_sizes_are_read_in_points_or_as_fractions(text: str, value: float) -> None:
    assert read_size(text, flag="--margin") == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "pp", "-1pp", "200pp", "x"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(BadSpec):
        read_size(text, flag="--margin")


def test_commands_are_kept_without_keys() -> None:
    kept = redact("assay run -M api_key=sk-1 -M base_url=http://me:pw@host/v1")
    assert "sk-1" not in kept
    assert "pw" not in kept
    assert "host/v1" in kept
