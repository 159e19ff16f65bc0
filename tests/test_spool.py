"""Records come back as they were appended, those in memory and those in the file."""

import gc
import os
from contextlib import suppress
from pathlib import Path

import pytest

from assay.errors import StoreError
from assay.records import Question, Score
from assay.spool import BLOCK, Chosen, Spool


def question(number: int) -> Question:
    return Question(id=str(number), text=f"{number}? äß\n", choices=("a", "b"), fields={"x": [number, None]})


@pytest.mark.parametrize("held", [0, 3, 100])
def test_what_comes_back_equals_what_was_appended(held: int) -> None:
    spool = Spool(Question, capacity=held)
    assert not spool
    first = spool.extend(question(n) for n in range(5))
    second = spool.extend(question(n) for n in range(5, 12))
    assert (first, second) == (range(5), range(5, 12))
    assert list(spool) == [question(n) for n in range(12)]
    assert (spool[0], spool[4], spool[-1]) == (question(0), question(4), question(11))
    assert list(spool[2:9:3]) == [question(n) for n in (2, 5, 8)]
    with pytest.raises(IndexError):
        spool[12]


def test_numbers_are_kept_to_the_last_digit() -> None:
    spool = Spool(Score, capacity=0)
    score = Score(question_id="q", metric="m", status="scored", value=0.1 + 0.2, weight=1 / 3)
    spool.append(score)
    assert spool[0] == score


def test_more_than_a_block_is_read_while_more_is_appended() -> None:
    spool = Spool(Question, capacity=0)
    text = "x" * (BLOCK // 3)
    for number in range(10):
        spool.append(Question(id=str(number), text=text))
        assert spool[number].id == str(number)
        assert spool[number // 2].id == str(number // 2)


def test_some_in_an_order_of_their_own() -> None:
    chosen = Chosen(list("abcdef"), [4, 0, 2])
    assert list(chosen) == ["e", "a", "c"]
    assert (chosen[0], chosen[-1], len(chosen)) == ("e", "c", 3)
    assert list(chosen[1:]) == ["a", "c"]


def test_nothing_is_left_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spool = Spool(Question, capacity=0)
    spool.append(question(0))
    assert list(tmp_path.iterdir()) == []
    assert len(open_files(tmp_path)) == 1
    del spool
    gc.collect()
    assert open_files(tmp_path) == []


def open_files(folder: Path) -> list[str]:
    """Files of a folder that this process holds open, those without a name included."""
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        # Other threads open and close files meanwhile.
        with suppress(FileNotFoundError):
            links.append(str(descriptor.readlink()))
    return [link for link in links if link.startswith(str(folder))]


def test_a_full_disk_is_said_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(Question, capacity=0)
    spool.append(question(0))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match=r"is full or read-only \(No space left on device\).*TMPDIR"):
        spool[0]
