"""What is exported is typed, documented and importable."""

import ast
import re

import pytest

import assay
from tests.conftest import ROOT

SOURCE = ROOT / "assay" / "__init__.py"


def typed_names() -> dict[str, str]:
    """The names of the TYPE_CHECKING block, with their modules."""
    tree = ast.parse(SOURCE.read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        str(name.asname): str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def test_what_is_typed_is_what_is_exported() -> None:
    assert typed_names() == assay._MODULES
    assert assay.__all__ == sorted(assay._MODULES)


@pytest.mark.parametrize("name", assay.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    assert getattr(assay, name).__doc__ or not callable(getattr(assay, name))


def test_every_name_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "python.md").read_text()
    assert set(re.findall(r"`assay\.(\w+)`", text)) == set(assay.__all__)


def test_the_packages_are_typed() -> None:
    packages = ["assay", "deployments", "flows", "harnesses", "sandbox", "tasks_lib"]
    assert all((ROOT / package / "py.typed").is_file() for package in packages)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'evalute'"):
        assay.evalute  # noqa: B018
