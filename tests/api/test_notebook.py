"""The tour runs from its first cell to its last, in a kernel of its own."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT


@pytest.mark.timeout(120)
def test_the_tour_runs(assay_home: Path) -> None:
    notebook = nbformat.read(ROOT / "docs" / "tour.ipynb", as_version=4)
    NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(assay_home)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output.data for output in outputs if output.output_type == "execute_result"]
    assert any("<table>" in data.get("text/html", "") for data in shown)
    assert any("'improved'" in data.get("text/plain", "") for data in shown)
    messages = [output.text for output in outputs if output.output_type == "stream"]
    assert not [text for text in messages if "arning" in text or "Traceback" in text]
