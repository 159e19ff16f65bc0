"""Sentences on standard error: wrapped at words in a terminal, in one line elsewhere."""

import pytest

from assay.cli.messages import WIDEST, complain

LONG = (
    "There is no such thing as the one that was asked for. " * 4 + "Correct /a/path/without-a-place-to-break."
)


def test_in_a_terminal_lines_break_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for columns, most in ((80, 80), (40, 45), (400, WIDEST)):
        monkeypatch.setenv("COLUMNS", str(columns))
        complain(LONG)
        said = capsys.readouterr().err
        assert " ".join(said.split()) == f"error: {LONG}"
        assert max(map(len, said.splitlines())) <= most
        assert "/a/path/without-a-place-to-break." in said


def test_elsewhere_a_sentence_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"{LONG}\n  indented")
    assert capsys.readouterr().err == f"error: {LONG} indented\n"
