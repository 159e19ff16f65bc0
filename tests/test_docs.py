"""What the documents say is run: commands parse, options exist, examples work, links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest

from assay.cli import COMMANDS
from assay.cli.lazy import build
from tasks_lib.registry import task_names, vary
from tasks_lib.spec import resolve_task

ROOT = Path(__file__).parent.parent
DOCS = sorted([ROOT / "README.md", ROOT / "AGENTS.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def blocks(file: Path, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(file.read_text()) if found == language]


def commands() -> list[str]:
    lines = [line for file in DOCS for text in blocks(file, "") for line in text.splitlines()]
    return [line for line in lines if line.startswith("assay ") and "[" not in line]


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_links_lead_to_files(file: Path) -> None:
    missing = [link for link in LINK.findall(file.read_text()) if not (file.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("line", commands())
def test_commands_have_these_options(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line)[1:]
    name = words[0]
    below = [word for word in words[1:2] if word in {"announce", "show", "check", "remove"}]
    with pytest.raises(SystemExit):
        build(COMMANDS, wanted=name)([name, *below, "--help"], obj=())
    told = capsys.readouterr().out
    for word in words:
        if word.startswith("-"):
            assert word in told, f"{line}: {word}"


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    assert not [name for name in COMMANDS if f"| `assay {name}` |" not in text]


def test_every_target_of_the_readme_is_in_the_makefile() -> None:
    targets = re.findall(r"make (\w+)", (ROOT / "README.md").read_text())
    makefile = (ROOT / "Makefile").read_text()
    assert targets
    assert all(f"\n{target}:" in makefile for target in targets)


@pytest.mark.parametrize("example", blocks(ROOT / "docs" / "tasks.md", "python"))
def test_the_example_of_a_task_works(example: str) -> None:
    names: dict[str, object] = {}
    exec(example, names)
    assert "sums" in task_names()
    task = resolve_task("sums", {})
    assert task.headline.name == "accuracy"


def test_the_dialects_of_the_table_exist() -> None:
    rows = [row for row in (ROOT / "docs" / "tasks.md").read_text().splitlines() if row.startswith("| `")]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        for task in re.findall(r"`(\w+)`", cells[0]):
            for variant in re.findall(r"`:([\w-]+)`", cells[4]):
                vary(resolve_task(task, {}), variant)
            for cell, variant in ((cells[2], "lm-eval"), (cells[3], "olmes")):
                if cell:
                    vary(resolve_task(task, {}), variant)


def test_agents_is_short() -> None:
    assert len((ROOT / "AGENTS.md").read_text().splitlines()) <= 60
