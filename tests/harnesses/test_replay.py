import gzip
from pathlib import Path

import orjson
import pytest

from assay.errors import CapabilityMissing, ProviderUnavailable
from assay.records import Call
from harnesses.providers.catalog import open_provider

pytestmark = pytest.mark.anyio


def write(path: Path, *lines: object) -> Path:
    content = b"".join(orjson.dumps(line) + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["outputs.jsonl", "outputs.jsonl.gz", "other.jsonl"])
async def test_answers_are_found_by_id_then_by_row(tmp_path: Path, name: str) -> None:
    file = write(
        tmp_path / name,
        {"index": 0, "id": None, "outputs": ["zero"]},
        {"index": 1, "id": "b", "outputs": ["one", "uno"]},
    )
    provider = open_provider(f"replay:{tmp_path if name.startswith('outputs') else file}", {}).provider
    said = [
        await provider.complete(Call(question_id="a", row=0)),
        await provider.complete(Call(question_id="b", row=9)),
        await provider.complete(Call(question_id="b", row=9, sample=1)),
    ]
    assert [one.text for one in said if one] == ["zero", "one", "uno"]


async def test_an_answer_that_is_missing_is_none(tmp_path: Path) -> None:
    file = write(tmp_path / "o.jsonl", {"index": 0, "id": "a", "outputs": []})
    provider = open_provider(f"replay:{file}", {}).provider
    assert await provider.complete(Call(question_id="a", row=0)) is None
    assert await provider.complete(Call(question_id="z", row=5)) is None


async def test_changed_answers_are_another_checkpoint(tmp_path: Path) -> None:
    prints = set()
    for text in "xy":
        file = write(tmp_path / "o.jsonl", {"index": 0, "id": "a", "outputs": [text]})
        prints.add((await open_provider(f"replay:{file}", {}).provider.checkpoint()).fingerprint)
    assert len(prints) == 2


async def test_texts_cannot_be_asked_for_likelihoods(tmp_path: Path) -> None:
    provider = open_provider(f"replay:{write(tmp_path / 'o.jsonl')}", {}).provider
    with pytest.raises(CapabilityMissing):
        await provider.prove("loglikelihood")


def test_what_is_no_file_of_answers_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="There is no file"):
        open_provider(f"replay:{tmp_path / 'none.jsonl'}", {})
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"index": 0, "outputs": ["a"]}\nnot json\n')
    with pytest.raises(ProviderUnavailable, match="Line 2"):
        open_provider(f"replay:{broken}", {})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"index": 1, "outputs": "text"}, "not a list of texts"),
        ({"index": 1, "outputs": None}, "not a list of texts"),
        ({"index": 1, "outputs": [["a"]]}, "not a list of texts"),
        ({"index": 1, "outputs": [None]}, "not a list of texts"),
        ({"index": 1, "outputs": [{"text": "a"}]}, "not a list of texts"),
        ({"index": 1}, "not a list of texts"),
        ({"outputs": ["a"]}, "neither `index` nor `id`"),
        ({"index": "1", "outputs": ["a"]}, "not the number of a row"),
        ({"index": -1, "outputs": ["a"]}, "not the number of a row"),
        ({"index": True, "outputs": ["a"]}, "not the number of a row"),
        ({"index": 1, "id": ["a"], "outputs": ["a"]}, "neither a text nor"),
        (["a"], "not an object"),
        ({"index": 0, "outputs": ["other"]}, r"question of line 1 again \(row 0\)"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(tmp_path: Path, line: object, problem: str) -> None:
    file = write(tmp_path / "o.jsonl", {"index": 0, "id": None, "outputs": ["a"]}, line)
    with pytest.raises(ProviderUnavailable, match=f"Line 2 .*{problem}"):
        open_provider(f"replay:{file}", {})


def test_an_id_twice_is_refused(tmp_path: Path) -> None:
    lines = [{"index": n, "id": "a", "outputs": ["x"]} for n in range(2)]
    with pytest.raises(ProviderUnavailable, match="question of line 1 again"):
        open_provider(f"replay:{write(tmp_path / 'o.jsonl', *lines)}", {})


async def test_an_absent_question_gets_no_answer_of_another(tmp_path: Path) -> None:
    file = write(tmp_path / "o.jsonl", *({"index": n, "id": i, "outputs": [i]} for n, i in enumerate("ac")))
    provider = open_provider(f"replay:{file}", {}).provider
    answer = await provider.complete(Call(question_id="c", row=2))
    assert answer is not None
    assert answer.text == "c"
    assert await provider.complete(Call(question_id="b", row=1)) is None


async def test_a_mark_of_byte_order_and_half_a_pair_are_read(tmp_path: Path) -> None:
    file = tmp_path / "o.jsonl"
    lines = b'{"index": 0, "outputs": ["a \\ud83d b"]}\r\n{"index": 1, "outputs": ["\\ud83d\\ude00 \xff"]}\n'
    file.write_bytes(b"\xef\xbb\xbf" + lines)
    provider = open_provider(f"replay:{file}", {}).provider
    texts = [answer.text for row in range(2) if (answer := await provider.complete(Call(row=row)))]
    assert texts == ["a \ufffd b", "\U0001f600 \ufffd"]
