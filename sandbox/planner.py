"""Decide from what scorers and tools need whether a sandbox is made, and by whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from assay.errors import SandboxUnavailable
from assay.extensions import Extensions
from sandbox.protocol import Backend, Missing

BACKENDS = Extensions(
    kind="sandbox",
    group="assay.sandboxes",
    builtin={
        "local": "sandbox.backends.local:LocalBackend",
        "docker": "sandbox.backends.docker:DockerBackend",
        "unsafe-local": "sandbox.backends.local:unsafe_backend",
    },
)
"""From cheap to dear, then those of other packages: each a function or class that makes a backend.

A backend's module, and the library behind it, is loaded when it is tried.
"""
UNSAFE = "unsafe-local"
"""Bare processes: tried last, and only where that was allowed."""
WEAK = ("memory", "cpus", "processes", "disk", "network")
"""Limits that a plan names where a backend does not enforce them for all processes together."""
IMAGE = "image"
"""The capability of a backend that can run any image, so every need `image:<name>`."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where code will run: nowhere, where nothing needs to."""

    backend: Backend | None
    needs: frozenset[str] = frozenset()
    image: str | None = None
    reason: str
    """Why this backend, for people to read."""


async def plan(
    needs: frozenset[str],
    *,
    preferred: str | None = None,
    image: str | None = None,
    allow_unsafe: bool = False,
) -> Plan:
    """Choose the first backend that works here and offers what is needed.

    Without needs nothing is loaded or probed. A preference is a condition: no other backend is tried, but
    for bare processes where `allow_unsafe` says so. Raises SandboxUnavailable with every backend's reason,
    and UnknownName for a preference nobody knows.
    """
    if not needs:
        return Plan(backend=None, reason="nothing needs a sandbox")
    wanted = needs | ({f"{IMAGE}:{image}"} if image else frozenset())
    problems, remedies = [], []
    for name in _candidates(preferred, allow_unsafe=allow_unsafe):
        try:
            backend = _load(name)
        except ModuleNotFoundError as error:
            problems.append(f"{name}: the package {error.name!r} is not installed")
            remedies.append(f"Install assay-eval[{name}].")
            continue
        found = await backend.probe()
        if isinstance(found, Missing):
            problems.append(f"{name}: {found.reason}")
            remedies.append(found.remedy)
        elif lacking := _lacking(wanted, found.capabilities):
            problems.append(f"{name} does not offer {', '.join(lacking)}")
        else:
            weak = [limit for limit in WEAK if limit not in found.limits]
            loosely = f"; only looked at: {', '.join(weak)}" if weak and found.isolation != "none" else ""
            chosen = f"{name} ({found.isolation} isolation{loosely})"
            return Plan(backend=backend, needs=needs, image=image, reason="; ".join([*problems, chosen]))
    raise _refusal(wanted, problems, remedies, allow_unsafe=allow_unsafe)


def _candidates(preferred: str | None, *, allow_unsafe: bool) -> list[str]:
    """Names of backends to try, in order; raises UnknownName for a preference nobody knows."""
    names = [name for name in BACKENDS.names() if name != UNSAFE]
    if preferred is not None:
        if preferred not in {*names, UNSAFE}:
            BACKENDS.load(preferred)
        names = [preferred] if preferred in names else []
    return [*names, *([UNSAFE] if allow_unsafe else [])]


def _lacking(wanted: frozenset[str], offered: frozenset[str]) -> list[str]:
    return sorted(
        need
        for need in wanted
        if need not in offered and not (IMAGE in offered and need.startswith(f"{IMAGE}:"))
    )


def _refusal(
    wanted: frozenset[str], problems: list[str], remedies: list[str], *, allow_unsafe: bool
) -> SandboxUnavailable:
    asked = ", ".join(sorted(wanted))
    said = "; ".join(problems) or "the only backend allowed is the one without isolation"
    if not allow_unsafe:
        remedies = [*remedies, "To run the code without isolation, at your own risk, pass --unsafe-local."]
    return SandboxUnavailable(
        f"Code must run here ({asked}) and no sandbox can be made: {said}.", remedy=" ".join(remedies)
    )


def _load(name: str) -> Backend:
    make = cast("Callable[[], Backend]", BACKENDS.load(name))
    return make()
