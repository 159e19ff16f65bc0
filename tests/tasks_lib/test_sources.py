"""Rows from the Hub, a mirror and files; every fault of theirs is one sentence."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import fsspec
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay.errors import BadRow, DataError, DatasetNotFound
from tasks_lib.sources import MIRROR, Hub, Local
from tests.conftest import ROOT

ROWS = [{"id": f"q{n}", "text": f"Wie viele? {n}", "answer": str(n)} for n in range(3)]


def lines(rows: list[dict[str, str]] = ROWS) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def as_csv(rows: list[dict[str, str]] = ROWS) -> bytes:
    return ("id,text,answer\n" + "".join(",".join(row.values()) + "\n" for row in rows)).encode()


def parquet(path: Path, rows: list[dict[str, str]] = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def contents() -> dict[str, bytes]:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(ROWS), sink)
    return {
        "rows.jsonl": lines(),
        "rows.jsonl.gz": gzip.compress(lines()),
        "rows.json": orjson.dumps(ROWS),
        "rows.csv": as_csv(),
        "rows.csv.gz": gzip.compress(as_csv()),
        "rows.parquet": sink.getvalue().to_pybytes(),
    }


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    parquet(tmp_path / "org" / "set" / "main" / "test.parquet")
    parquet(tmp_path / "org" / "set" / "main" / "train.parquet")
    monkeypatch.setenv(MIRROR, str(tmp_path))
    return tmp_path


def sentence(source: Hub | Local, kind: type[DataError] = DatasetNotFound) -> str:
    with pytest.raises(kind) as caught:
        list(source.rows())
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", contents())
def test_files_of_each_format_give_the_same_rows(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(contents()[name])
    assert list(Local(str(tmp_path / name)).rows()) == ROWS


@pytest.mark.parametrize("name", contents())
def test_files_behind_an_address_are_read_through_fsspec(name: str) -> None:
    with fsspec.open(f"memory://bucket/{name}", "wb") as file:
        file.write(contents()[name])
    assert list(Local(f"memory://bucket/{name}").rows()) == ROWS


def test_blank_lines_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n" + lines().replace(b"\n", b"\n\n"))
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + as_csv())
    for name in ("a.jsonl", "a.csv"):
        assert list(Local(str(tmp_path / name)).rows()) == ROWS


@pytest.mark.parametrize("address", ["s3://bucket/a.jsonl", "gs://bucket/a.jsonl", "ftq://host/a.jsonl"])
def test_an_address_that_nothing_here_can_read_is_one_sentence(address: str) -> None:
    package = {"s3": "s3fs", "gs": "gcsfs"}.get(address.partition(":")[0])
    if package and __import__("importlib.util").util.find_spec(package):
        pytest.skip(f"{package} is installed here")
    assert address in sentence(Local(address))


@pytest.mark.parametrize(
    ("name", "content", "kind", "said"),
    [
        ("a.jsonl", b'{"id": 1}\n{"id": \n', BadRow, "Line 2 of .* is not JSON"),
        ("a.jsonl", b'{"id": "\xff"}\n', BadRow, "Line 1 of .* is not JSON"),
        ("a.jsonl", b"[1]\n", BadRow, "Line 1 of .* is not an object"),
        ("a.json", b"{}", BadRow, "not a list of objects"),
        ("a.json", b"[", BadRow, "is not JSON"),
        ("a.csv", b"a,b\n1,2\n1\n", BadRow, "before line 4 of .* cells than the 2"),
        ("a.csv", b"a,b\n1,2,3\n", BadRow, "cells than the 2"),
        ("a.csv", b'a\n"x"y\n', BadRow, "is not CSV"),
        ("a.csv", b"a\n\xff\n", DatasetNotFound, "cannot be read: UnicodeDecodeError"),
        ("a.jsonl.gz", b"not gzip", DatasetNotFound, "cannot be read: BadGzipFile"),
        ("a.jsonl.gz", gzip.compress(lines())[:-12], DatasetNotFound, "cannot be read: EOFError"),
        ("a.jsonl.gz", gzip.compress(lines())[:14] + b"\xff" * 40, DatasetNotFound, "cannot be read: "),
        ("a.parquet", b"PAR1 not", DatasetNotFound, "is no Parquet"),
        ("a.parquet", b"", DatasetNotFound, "is no Parquet"),
        ("a.xlsx", b"", DatasetNotFound, "no format known here"),
    ],
)
def test_a_broken_file_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, kind: type[DataError], said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert re.search(said, sentence(Local(str(tmp_path / name)), kind))


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert "FileNotFoundError" in sentence(Local(str(tmp_path / "none.jsonl")))
    (tmp_path / "folder.jsonl").mkdir()
    assert "IsADirectoryError" in sentence(Local(str(tmp_path / "folder.jsonl")))


def test_a_mirror_gives_the_split(mirror: Path) -> None:
    assert list(Hub("org/set", "main", split="test").rows()) == ROWS


def test_a_changed_file_of_a_mirror_is_seen(mirror: Path) -> None:
    source = Hub("org/set", "main", split="test")
    assert len(list(source.rows())) == 3
    file = mirror / "org" / "set" / "main" / "test.parquet"
    times = file.stat()
    parquet(file, ROWS[:1])
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert list(source.rows()) == ROWS[:1]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Hub("org/set", "main", split="dev"), "has the splits test, train"),
        (Hub("org/set", "other", split="test"), "has the configurations main"),
        (Hub("org/none", "main"), "has the data sets org/set"),
        (Hub("none/set", "main"), "has the data sets org/set"),
    ],
)
def test_a_mirror_that_lacks_it_says_what_it_has(mirror: Path, source: Hub, said: str) -> None:
    assert said in sentence(source)


def test_a_mirror_cannot_prove_a_revision(mirror: Path) -> None:
    said = sentence(Hub("org/set", "main", split="test", revision="abc123"))
    assert "abc123" in said
    assert "-o revision=" in said


def test_a_mirror_that_is_not_there_or_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MIRROR, str(tmp_path / "none"))
    assert "there is no such folder" in sentence(Hub("org/set", "main"))
    broken = parquet(tmp_path / "mirror" / "org" / "set" / "main" / "test.parquet")
    broken.write_bytes(b"garbage")
    monkeypatch.setenv(MIRROR, str(tmp_path / "mirror"))
    assert "is no Parquet" in sentence(Hub("org/set", "main"))


SCRIPT = """
import json
from tasks_lib.sources import Hub
print(json.dumps(list(Hub("org/set", split="test").rows())))
"""
CARD = """---
configs:
- config_name: default
  data_files:
  - split: test
    path: data/test.parquet
---
"""
NOWHERE = """
from assay.errors import DatasetNotFound
from tasks_lib.sources import Hub
try:
    list(Hub("org/nowhere", "main").rows())
except DatasetNotFound as error:
    print(error)
"""


def hub_rows(tmp_path: Path) -> list[dict[str, str]]:
    """Read `org/set` through `datasets`, in a process of its own without a network."""
    settings = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    environment = {k: v for k, v in os.environ.items() if k != MIRROR} | settings
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found: list[dict[str, str]] = orjson.loads(done.stdout)
    return found


def test_a_data_set_read_through_datasets_is_never_served_stale(tmp_path: Path) -> None:
    file = parquet(tmp_path / "org" / "set" / "data" / "test.parquet")
    (tmp_path / "org" / "set" / "README.md").write_text(CARD)
    assert hub_rows(tmp_path) == ROWS
    parquet(file, ROWS[1:])
    assert hub_rows(tmp_path) == ROWS[1:]


def test_a_data_set_that_the_hub_does_not_give_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MIRROR, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = subprocess.run(
        [sys.executable, "-c", NOWHERE],
        cwd=tmp_path,
        env={**os.environ, "HF_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "org/nowhere (main, test, latest revision) cannot be read" in done.stdout
    assert done.stdout.count("\n") == 1


def test_a_mirror_gives_a_split_in_parts_in_their_order(mirror: Path) -> None:
    for number, row in enumerate(ROWS):
        parquet(mirror / "org" / "parts" / "data" / f"test-{number:05}-of-00003.parquet", [row])
    assert list(Hub("org/parts", split="test").rows()) == ROWS
    assert "it has the splits test." in sentence(Hub("org/parts", "data", split="train"))


def test_a_downloaded_split_is_read_from_the_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet(tmp_path / "hub" / "org" / "set" / "test.parquet")
    monkeypatch.chdir(tmp_path / "hub")
    monkeypatch.delenv(MIRROR, raising=False)
    split = Hub("org/set", split="test")
    assert split.save(tmp_path / "mirror") == tmp_path / "mirror" / "org/set/default/test.parquet"
    monkeypatch.setenv(MIRROR, str(tmp_path / "mirror"))
    assert list(split.rows()) == ROWS
