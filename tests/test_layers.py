"""Check who imports whom, against the table in docs/architecture.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LEAVES = {"assay.errors", "assay.records", "assay.fingerprint", "assay.home", "assay.spool"}
ALLOWED = {
    "assay.errors": set(),
    "assay.records": set(),
    "assay.fingerprint": set(),
    "assay.home": set(),
    "assay.spool": {"assay.errors"},
    "assay.stats": {"assay.errors"},
    "assay.store": LEAVES,
    "sandbox": LEAVES,
    "assay.server": {"assay.errors", "assay.home"},
    "assay.events": {"assay.errors", "assay.home", "assay.server"},
    "tasks_lib": LEAVES | {"assay.stats", "sandbox.protocol", "sandbox.programs"},
    "harnesses": LEAVES | {"assay.stats", "assay.server.processes", "tasks_lib", "sandbox"},
    "assay.align": LEAVES | {"assay.stats", "assay.store"},
    "assay.report": LEAVES | {"assay.stats", "assay.store", "assay.align"},
    "assay.render": LEAVES | {"assay.stats", "assay.report"},
    "assay.viewer": LEAVES | {"assay.report", "assay.render"},
    "flows": LEAVES
    | {"assay.stats", "assay.store", "assay.align", "assay.report", "assay.render"}
    | {"tasks_lib", "harnesses", "sandbox"},
    "deployments": LEAVES | {"flows"},
    "assay": LEAVES
    | {"assay.stats", "assay.store", "assay.align", "assay.report", "assay.render", "assay.viewer"}
    | {"assay.cli", "assay.server", "assay.events"}
    | {"tasks_lib", "harnesses", "sandbox", "flows", "deployments"},
}
ALLOWED["assay.cli"] = ALLOWED["assay"]
PACKAGES = ("assay", "flows", "tasks_lib", "harnesses", "sandbox", "deployments")


def sources() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The longest entry of the table that the module lies in."""
    return max((r for r in ALLOWED if module == r or module.startswith(r + ".")), key=len)


def imports(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


@pytest.mark.parametrize("file", sources(), ids=lambda f: str(f.relative_to(ROOT)))
def test_module_imports_only_rooms_below_it(file: Path) -> None:
    room = room_of(module_of(file))
    for target in imports(file):
        if target.partition(".")[0] not in PACKAGES:
            continue
        other = room_of(target)
        within = other == room or any(other == a or other.startswith(a + ".") for a in ALLOWED[room])
        allowed_part = any(target.startswith(a) for a in ALLOWED[room])
        assert within or allowed_part, f"{file.relative_to(ROOT)} imports {target}"


@pytest.mark.parametrize("file", sources(), ids=lambda f: str(f.relative_to(ROOT)))
def test_only_flows_and_deployments_import_prefect(file: Path) -> None:
    if file.relative_to(ROOT).parts[0] not in {"flows", "deployments"}:
        assert not [t for t in imports(file) if t.partition(".")[0] == "prefect"]
