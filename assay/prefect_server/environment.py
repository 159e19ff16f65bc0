"""The settings under which Prefect runs, set in the environment before it is imported."""

import os
from pathlib import Path

from assay.home import home

HOST = "127.0.0.1"


def prefect_home() -> Path:
    """Return Prefect's own folder, below `ASSAY_HOME`."""
    return home() / "prefect"


def settings(api_url: str) -> dict[str, str]:
    """List the settings for the server and everything that talks to it."""
    where = prefect_home()
    return {
        "PREFECT_HOME": str(where),
        "PREFECT_PROFILES_PATH": str(where / "profiles.toml"),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "DO_NOT_TRACK": "1",
    }


def adopt(api_url: str) -> None:
    """Make this process, and those it starts, use the server; what the user has set stays."""
    prefect_home().mkdir(parents=True, exist_ok=True)
    for name, value in settings(api_url).items():
        os.environ.setdefault(name, value)
    os.environ["PREFECT_API_URL"] = api_url
