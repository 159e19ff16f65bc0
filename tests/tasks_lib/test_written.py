"""Tasks written in YAML: what they become, and the line of each mistake."""

from pathlib import Path

import orjson
import pytest

from assay.errors import BadRow, BadSpec
from tasks_lib.check import check
from tasks_lib.questions import load
from tasks_lib.spec import resolve_task

SUMS = """\
about: Sums, scored on the last number.
data:
  file: rows.jsonl
few_shots:
  file: rows.jsonl
shots: 1
question:
  text: "{a} + {b}"
  target: "It is {sum}."
  id: "s{a}"
prompt: "Question: {text}\\nAnswer:"
metric: last_number
max_tokens: 32
stop: ["\\n"]
"""
CHOICES = """\
about: Colours.
data: {file: rows.jsonl}
question: {text: "{q}", choices: options, answer: right}
prompt: "Question: {text}\\nAnswer:"
metric: choice
"""


def write(folder: Path, text: str, rows: list[dict[str, object]]) -> str:
    (folder / "rows.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    file = folder / "task.yaml"
    file.write_text(text)
    return str(file)


def sums(folder: Path, text: str = SUMS) -> str:
    return write(folder, text, [{"a": n, "b": 7, "sum": n + 7} for n in range(4)])


@pytest.mark.anyio
@pytest.mark.parametrize("variant", ["", ":0shot", ":2shot:n3"])
async def test_a_file_is_a_task_that_takes_variants(variant: str, tmp_path: Path) -> None:
    task = resolve_task(sums(tmp_path) + variant, {})
    assert task.name == str(tmp_path / "task.yaml") + variant
    assert await check(task, pool=None) == []


def test_the_prompt_is_the_template_after_its_shots(tmp_path: Path) -> None:
    task = resolve_task(sums(tmp_path), {})
    loaded = load(task)
    request = loaded.request(task, loaded.questions[0])
    assert request.prompt.endswith("\n\nQuestion: 0 + 7\nAnswer:")
    assert request.prompt.count("Answer: It is ") == 1
    assert (request.sampling.max_tokens, request.sampling.stop) == (32, ("\n",))
    assert [question.id for question in loaded.questions] == ["s0", "s1", "s2", "s3"]


@pytest.mark.anyio
@pytest.mark.parametrize("right", [1, "1", "B", "blue"])
async def test_choices_have_both_forms(right: object, tmp_path: Path) -> None:
    path = write(tmp_path, CHOICES, [{"q": "Sky?", "options": ["red", "blue"], "right": right}])
    for form, continuation in (("", " blue"), (":mc", " B")):
        task = resolve_task(path + form, {})
        assert await check(task, pool=None) == []
        loaded = load(task)
        assert loaded.request(task, loaded.questions[0]).pairs[1].continuation == continuation


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "max_tokens: 32",
            "max_tokens: many",
            r"Line 13 of '.*task.yaml': max_tokens: input should be a valid integer",
        ),
        (
            "metric: last_number",
            "metric: best",
            r"Line 12 of .*: metric: input should be 'exact_match', 'same_words'",
        ),
        ('  id: "s{a}"', "  idd: x", r"Line 10 of .*: question.idd: extra inputs are not permitted"),
        ("about: Sums", "abut: Sums", r"about: field required"),
        ("shots: 1", "shots: -1", r"Line 6 of .*: shots: input should be greater"),
        ("shots: 1", "shots: [1", r"Line \d+ of .* is not YAML"),
        ("  file: rows.jsonl\nfew", "  files: rows.jsonl\nfew", r"Line 3 of .*: data.files: extra inputs"),
        ("  file: rows.jsonl\nfew", "  split: test\nfew", r"Data come from a file or from the Hub"),
    ],
)
def test_a_mistake_is_reported_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in SUMS
    with pytest.raises(BadSpec, match=message):
        resolve_task(sums(tmp_path, SUMS.replace(old, new)), {})


def test_a_missing_file_and_an_empty_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match=r"'none.yaml' cannot be read"):
        resolve_task("none.yaml", {})
    with pytest.raises(BadSpec, match=r"Line 1 of .*: the whole: "):
        resolve_task(sums(tmp_path, ""), {})


def test_a_column_that_the_rows_lack_is_named(tmp_path: Path) -> None:
    path = sums(tmp_path, SUMS.replace("Question: {text}", "{title}: {text}"))
    with pytest.raises(BadRow, match="the prompt names title, which the row has not"):
        load(resolve_task(path, {}))


def test_choices_want_their_columns(tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match=r"`choice` of .* needs choices"):
        resolve_task(sums(tmp_path, SUMS.replace("last_number", "choice")), {})


def test_a_changed_file_is_another_task(tmp_path: Path) -> None:
    one = resolve_task(sums(tmp_path), {}).definition()
    assert resolve_task(sums(tmp_path), {}).definition() == one
    assert resolve_task(sums(tmp_path, SUMS.replace("Question:", "Q:")), {}).definition() != one
