"""The examples of the docs, type-checked in strict mode against the installed package."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat

from tests.conftest import ROOT

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
STRICT = ["--strict", "--no-incremental", "--explicit-package-bases"]


def written(folder: Path) -> list[Path]:
    """Write each example as a module; those of one page follow each other in one."""
    pages = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    examples = {page: "\n".join(BLOCK.findall(page.read_text())) for page in pages}
    notebook = nbformat.read(ROOT / "docs" / "tour.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    examples[ROOT / "docs" / "tour.ipynb"] = "\n\n".join(code)
    files = []
    for page, text in examples.items():
        if text:
            file = folder / f"{page.stem.replace('-', '_').lower()}_example.py"
            file.write_text(text)
            files.append(file)
    return files


def test_examples_pass_mypy_in_strict_mode(installed: Path, tmp_path: Path) -> None:
    files = written(tmp_path)
    assert len(files) >= 3
    # One mistake, so that silence cannot mean that nothing was checked.
    (tmp_path / "wrong.py").write_text("import assay\nprint(assay.load_run('x').metrics['y'].valu)\n")
    environment = dict(os.environ)
    for name in ("PYTHONPATH", "MYPYPATH"):
        environment.pop(name, None)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *STRICT, f"--python-executable={installed}", "."],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in checked.stdout.splitlines() if ": error: " in line]
    assert [line for line in errors if "wrong.py" not in line] == []
    assert ['"MetricSummary" has no attribute "valu"' in line for line in errors] == [True]
