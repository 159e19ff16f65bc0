"""Decide from what scorers and tools need whether a sandbox is made, and by whom."""

from dataclasses import dataclass
from importlib import import_module

from assay.errors import SandboxUnavailable, UnknownName
from sandbox.protocol import Backend, Missing

BACKENDS = {
    "local": "sandbox.backends.local:LocalBackend",
}
"""From cheap to dear; a backend's module, and the library behind it, is loaded when it is tried."""
UNSAFE = {"unsafe-local": "sandbox.backends.local:unsafe_backend"}
"""Bare processes: tried last, and only where that was allowed."""
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
    known = BACKENDS | UNSAFE
    if preferred is not None and preferred not in known:
        raise UnknownName("sandbox", preferred, known)
    wanted = needs | ({f"{IMAGE}:{image}"} if image else frozenset())
    problems, remedies = [], []
    names = [preferred] if preferred in BACKENDS else [] if preferred else [*BACKENDS]
    for name in [*names, *(UNSAFE if allow_unsafe else ())]:
        backend = _load(known[name])
        found = await backend.probe()
        if isinstance(found, Missing):
            problems.append(f"{name}: {found.reason}")
            remedies.append(found.remedy)
        elif lacking := _lacking(wanted, found.capabilities):
            problems.append(f"{name} does not offer {', '.join(lacking)}")
        else:
            chosen = f"{name} ({found.isolation} isolation)"
            return Plan(backend=backend, needs=needs, image=image, reason="; ".join([*problems, chosen]))
    raise _refusal(wanted, problems, remedies, allow_unsafe=allow_unsafe)


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


def _load(place: str) -> Backend:
    module, _, name = place.partition(":")
    backend: Backend = getattr(import_module(module), name)()
    return backend
