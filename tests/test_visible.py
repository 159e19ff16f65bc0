"""What a model, a data set or a checkpoint says steers no terminal, and hides nothing from a reader."""

import io

import pytest
from rich.text import Text

from assay.cli.messages import complain
from assay.render.terminal import VisibleConsole
from assay.viewer.page.texts import visible as on_page
from assay.visible import visible

HOSTILE = "a\x1b]0;title\x07\x1b[2Jb\x00c\x9b31md\u202egnp.exe\u2066\rover\x7f\u200b\ud800"


def test_everything_hidden_is_written_as_an_escape() -> None:
    shown = visible(HOSTILE)
    assert shown.isprintable()
    for escape in (r"\x1b", r"\x00", r"\x9b", r"\u202e", r"\x0d", r"\x7f", r"\u200b", r"\ud800"):
        assert escape in shown


@pytest.mark.parametrize("text", ["plain", "tab\tand\nline", "Grüße 世界 😀 é", "שלום"])
def test_what_people_write_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("wrapped", [True, False])
def test_no_console_of_ours_obeys_a_text(terminal: bool, wrapped: bool) -> None:
    file = io.StringIO()
    console = VisibleConsole(file=file, force_terminal=terminal, color_system=None, width=200)
    console.print(Text(HOSTILE) if wrapped else HOSTILE, markup=False)
    assert r"\x1b]0;title" in file.getvalue()
    assert not set(file.getvalue()) & set("\x1b\x07\x00\x9b\u202e\r\x7f")


def test_an_error_shows_its_name_and_obeys_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"There is no task {HOSTILE}")
    assert not set(capsys.readouterr().err) & set("\x1b\x07\x00\x9b\u202e")


def test_the_page_shows_them_too() -> None:
    assert not set(on_page(HOSTILE)) & set("\x1b\x07\x00\x9b\u202e\u2066\x7f\u200b")
