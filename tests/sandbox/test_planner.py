"""A sandbox exists only if something will run in it, and a refusal says why and what helps."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from assay.errors import SandboxUnavailable, UnknownName
from assay.extensions import Extensions
from sandbox import planner
from sandbox.planner import plan
from sandbox.protocol import Available, Backend, Missing, Sandbox, SandboxSpec
from tests.sandbox import conftest

pytestmark = pytest.mark.anyio
PYTHON = frozenset({"python"})


class Fake:
    """A backend that answers as told, and counts how often it was asked."""

    def __init__(self, name: str, found: Available | Missing) -> None:
        self.name, self.found, self.probes = name, found, 0

    async def probe(self) -> Available | Missing:
        self.probes += 1
        return self.found

    async def acquire(self, spec: SandboxSpec) -> Sandbox:
        raise AssertionError(f"nothing is leased from {self.name} for {spec}")

    async def collect(self) -> int:
        return 0


def offers(*capabilities: str) -> Available:
    return Available(
        isolation="container",
        capabilities=frozenset(capabilities),
        limits=frozenset(planner.WEAK),
        cold_ms=1.0,
    )


def theirs() -> Fake:
    """What another package's entry point names."""
    return Fake("theirs", offers("python"))


BROKEN = Missing(reason="the kernel forbids it", remedy="Allow it.")


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> dict[str, Fake]:
    """Backends that replace the real ones, in their order."""
    fakes: dict[str, Fake] = {}
    names = {name: f"{__name__}:{name}" for name in ("cheap", "dear", "unsafe-local")}
    known = Extensions(kind="sandbox", group="assay.no_sandboxes", builtin=names)
    monkeypatch.setattr(planner, "BACKENDS", known)

    def load(name: str) -> Backend:
        return fakes[name]

    monkeypatch.setattr(planner, "_load", load)
    fakes["cheap"], fakes["dear"] = Fake("cheap", offers("python")), Fake("dear", offers("python", "image"))
    fakes["unsafe-local"] = Fake("unsafe-local", offers("python"))
    return fakes


async def test_no_needs_no_backend_and_no_probe(register: dict[str, Fake]) -> None:
    chosen = await plan(frozenset(), preferred="dear", image="x")
    assert chosen.backend is None
    assert [fake.probes for fake in register.values()] == [0, 0, 0]


def test_no_needs_no_backend_is_imported() -> None:
    source = (
        "import asyncio, sys; from sandbox.planner import plan; asyncio.run(plan(frozenset()));"
        "print([m for m in sys.modules if m.startswith('sandbox.backends') or m in"
        " {'docker', 'modal', 'kubernetes_asyncio'}])"
    )
    result = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


async def test_cheapest_that_offers_all_is_chosen(register: dict[str, Fake]) -> None:
    assert (await plan(PYTHON)).backend is register["cheap"]
    assert register["dear"].probes == 0
    assert (await plan(PYTHON, image="debian")).backend is register["dear"]
    assert (await plan(PYTHON | {"image:debian"})).backend is register["dear"]
    register["cheap"].found = BROKEN
    chosen = await plan(PYTHON)
    assert chosen.backend is register["dear"]
    assert chosen.reason == "cheap: the kernel forbids it; dear (container isolation)"


async def test_preference_is_a_condition(register: dict[str, Fake]) -> None:
    assert (await plan(PYTHON, preferred="dear")).backend is register["dear"]
    register["dear"].found = BROKEN
    with pytest.raises(SandboxUnavailable):
        await plan(PYTHON, preferred="dear")
    with pytest.raises(UnknownName, match="Did you mean dear"):
        await plan(PYTHON, preferred="deer")


async def test_refusal_says_each_reason_and_remedy(register: dict[str, Fake]) -> None:
    register["cheap"].found = BROKEN
    with pytest.raises(SandboxUnavailable) as refused:
        await plan(frozenset({"python", "network"}))
    assert str(refused.value) == (
        "Code must run here (network, python) and no sandbox can be made: cheap: the kernel forbids it; "
        "dear does not offer network. Allow it. "
        "To run the code without isolation, at your own risk, pass --unsafe-local."
    )


async def test_unsafe_is_the_last_resort_and_only_where_allowed(register: dict[str, Fake]) -> None:
    assert (await plan(PYTHON, allow_unsafe=True)).backend is register["cheap"]
    assert (await plan(PYTHON, preferred="unsafe-local", allow_unsafe=True)).backend is register[
        "unsafe-local"
    ]
    with pytest.raises(SandboxUnavailable, match="without isolation"):
        await plan(PYTHON, preferred="unsafe-local")
    register["cheap"].found = register["dear"].found = BROKEN
    assert (await plan(PYTHON, allow_unsafe=True)).backend is register["unsafe-local"]
    with pytest.raises(SandboxUnavailable):
        await plan(PYTHON | {"image:debian"}, allow_unsafe=True)


async def test_every_entry_of_the_table_loads() -> None:
    for name in planner.BACKENDS.builtin:
        assert planner._load(name).name == name


async def test_limits_that_do_not_hold_are_named(register: dict[str, Fake]) -> None:
    register["cheap"].found = Available(
        isolation="namespace",
        capabilities=PYTHON,
        limits=frozenset({"processes", "disk", "network"}),
        cold_ms=1.0,
    )
    chosen = await plan(PYTHON)
    assert chosen.reason == "cheap (namespace isolation; only looked at: memory, cpus)"


async def test_backend_whose_library_is_missing_is_passed_over(register: dict[str, Fake]) -> None:
    del register["cheap"]

    def load(name: str) -> Backend:
        if name in register:
            return register[name]
        raise ModuleNotFoundError("No module named 'docker'", name="docker")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "_load", load)
        chosen = await plan(PYTHON)
    assert chosen.backend is register["dear"]
    assert chosen.reason.startswith("cheap: the package 'docker' is not installed; ")


async def test_packages_add_backends(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("theirs", "tests.sandbox.test_planner:theirs", "assay.sandboxes")
    monkeypatch.setattr("assay.extensions.entry_points", lambda group: [entry])
    chosen = await plan(PYTHON, preferred="theirs")
    assert chosen.backend is not None
    assert chosen.backend.name == "theirs"


@pytest.mark.parametrize(
    ("required", "outcome"), [("", pytest.skip.Exception), ("fake", pytest.fail.Exception)]
)
async def test_required_backend_is_not_skipped(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setitem(conftest.ALL, "fake", Fake("fake", BROKEN))
    monkeypatch.setenv("REQUIRE_SANDBOX", required)
    with pytest.raises(outcome, match="the kernel forbids it"):
        await conftest.working("fake")
