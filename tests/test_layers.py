"""Check who imports whom, against the table in docs/architecture.md."""

import ast
from collections.abc import Collection
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LEAVES = {
    *("assay.errors", "assay.records", "assay.fingerprint", "assay.home", "assay.private"),
    *("assay.redaction", "assay.visible", "assay.disk"),
    *("assay.spool", "assay.batching", "assay.names", "assay.extensions"),
}
VALUES = LEAVES | {"assay.stats", "assay.align", "assay.report"}
ALLOWED = {
    "assay.redaction": set(),
    "assay.visible": set(),
    "assay.errors": {"assay.redaction"},
    "assay.records": set(),
    "assay.fingerprint": set(),
    "assay.home": set(),
    "assay.private": {"assay.errors"},
    "assay.disk": {"assay.errors"},
    "assay.batching": set(),
    "assay.names": set(),
    "assay.extensions": {"assay.errors"},
    "assay.spool": {"assay.errors"},
    "assay.processes": {"assay.errors", "assay.home", "assay.private"},
    "assay.stats": {"assay.errors"},
    "assay.store": LEAVES,
    "sandbox": LEAVES,
    "assay.admission": {"assay.errors", "assay.home", "assay.private"},
    "assay.prefect_server": {"assay.errors", "assay.home", "assay.private", "assay.processes"},
    "assay.events": {"assay.errors", "assay.home", "assay.prefect_server"},
    "tasks_lib": LEAVES | {"assay.stats", "sandbox.protocol", "sandbox.programs", "sandbox.trials"},
    "harnesses": LEAVES | {"assay.stats", "assay.processes", "tasks_lib", "sandbox"},
    "harnesses.evaluation": VALUES | {"assay.lookup", "assay.store", "tasks_lib", "harnesses", "sandbox"},
    "assay.align": LEAVES | {"assay.stats"},
    "assay.report": LEAVES | {"assay.stats", "assay.align"},
    "assay.lookup": VALUES | {"assay.store"},
    "assay.render": LEAVES | {"assay.stats", "assay.report"},
    "assay.viewer": LEAVES | {"assay.report", "assay.render"},
    "flows": VALUES
    | {"assay.lookup", "assay.store", "assay.render", "assay.admission", "assay.processes"}
    | {"tasks_lib", "harnesses", "sandbox"},
    "deployments": LEAVES | {"assay.processes", "assay.prefect_server", "flows"},
    "assay": VALUES
    | {"assay.lookup", "assay.store", "assay.render", "assay.viewer"}
    | {"assay.cli", "assay.prefect_server", "assay.processes", "assay.events", "assay.admission"}
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


def nearest_module(target: str, modules: Collection[str]) -> str | None:
    """The file that an imported name comes from; None where it is not ours."""
    return next((name for name in (target, target.rpartition(".")[0]) if name in modules), None)


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


def test_no_file_imports_itself_through_others() -> None:
    modules = {module_of(file): file for file in sources()}
    graph = {
        module: {nearest_module(target, modules) for target in imports(file)} - {module, None}
        for module, file in modules.items()
    }
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


@pytest.mark.parametrize("file", sources(), ids=lambda f: str(f.relative_to(ROOT)))
def test_only_flows_and_deployments_import_prefect(file: Path) -> None:
    if file.relative_to(ROOT).parts[0] not in {"flows", "deployments"}:
        assert not [t for t in imports(file) if t.partition(".")[0] == "prefect"]
