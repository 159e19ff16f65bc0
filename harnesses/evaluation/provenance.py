"""Where a run was made: enough to make it again."""

import platform
import subprocess
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assay.records import Provenance

RECORDED = ("assay-eval", "prefect", "openai", "numpy", "scipy", "datasets")


def provenance(flow_run: str | None, *, command: str) -> Provenance:
    """Describe this process: versions, and the commit of the folder it runs in."""
    return Provenance(command=command, commit=_commit(), versions=_versions(), flow_run=flow_run)


@cache
def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in RECORDED:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


@cache
def _commit() -> str | None:
    try:
        revision = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            check=False,
            cwd=Path.cwd(),
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return revision.stdout.strip() or None
