"""Decide from what scorers and tools need whether a sandbox is made, and by whom."""

from dataclasses import dataclass
from importlib import import_module

from assay.errors import SandboxUnavailable, UnknownName
from sandbox.protocol import Backend, Missing

BACKENDS = {"local": "sandbox.backends.local:LocalBackend"}
"""From cheap to dear; a backend's module, and the library behind it, is loaded when it is tried."""
UNSAFE = "sandbox.backends.local:UnsafeBackend"


@dataclass(frozen=True)
class Plan:
    """Where code will run: nowhere, where nothing needs to."""

    backend: Backend | None
    needs: frozenset[str] = frozenset()
    image: str | None = None
    reason: str = ""


async def plan(
    needs: frozenset[str],
    *,
    preferred: str | None = None,
    image: str | None = None,
    allow_unsafe: bool = False,
) -> Plan:
    """Choose the first backend that works here and offers what is needed.

    Raises SandboxUnavailable with every backend's reason, and UnknownName for a preference nobody knows.
    """
    if not needs:
        return Plan(None, reason="nothing needs a sandbox")
    if preferred is not None and preferred not in BACKENDS:
        raise UnknownName("sandbox", preferred, BACKENDS)
    reasons = []
    for name in [preferred] if preferred else BACKENDS:
        backend = _load(BACKENDS[name])
        found = await backend.probe()
        if isinstance(found, Missing):
            reasons.append(f"{name}: {found.reason}")
        elif lacking := needs - found.capabilities:
            reasons.append(f"{name} lacks {', '.join(sorted(lacking))}")
        else:
            return Plan(backend, needs, image, f"{name} offers {', '.join(sorted(needs))}")
    if allow_unsafe:
        return Plan(_load(UNSAFE), needs, image, "no isolation is possible, and none was asked for")
    raise SandboxUnavailable(
        f"Code must run ({', '.join(sorted(needs))}) and no sandbox can be made here: {'; '.join(reasons)}.",
        remedy="Install bubblewrap, allow user namespaces, or accept the risk with --unsafe-local.",
    )


def _load(place: str) -> Backend:
    module, _, name = place.partition(":")
    backend: Backend = getattr(import_module(module), name)()
    return backend
