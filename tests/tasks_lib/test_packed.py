"""Packed texts are read, and nothing that could run code."""

import base64
import pickle
import zlib

import pytest

from assay.errors import DataError
from tasks_lib.packed import unpacked
from tests.tasks_lib.samples import packed


class Trap:
    """Calls a function when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("sprung",)


def test_a_packed_value_is_read() -> None:
    assert unpacked(packed(["assert add(1) == 1", "ü"])) == ["assert add(1) == 1", "ü"]


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(zlib.compress(pickle.dumps(Trap()))).decode(),
        base64.b64encode(zlib.compress(pickle.dumps(7))).decode(),
        base64.b64encode(zlib.compress(pickle.dumps("no json"))).decode(),
        base64.b64encode(zlib.compress(b"")).decode(),
        base64.b64encode(b"not compressed").decode(),
        "def add(x):",
    ],
)
def test_anything_else_is_refused_and_run_by_nobody(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match="packed text cannot be read"):
        unpacked(text)
    assert capsys.readouterr().out == ""
