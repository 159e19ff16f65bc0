"""The settings under which Prefect runs, set in the environment before it is imported."""

import os
from pathlib import Path

from assay.home import home
from assay.private import make_folder

HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost")
LEISURELY = {
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "120",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
}
"""Seconds between the server's searches for late runs and dead workers: rarer than Prefect's own defaults."""


def prefect_home() -> Path:
    """Return Prefect's own folder, below `ASSAY_HOME`."""
    return home() / "prefect"


def settings(api_url: str) -> dict[str, str]:
    """List the settings for everything that talks to the server."""
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


def server_settings(port: int, *, secret: str) -> dict[str, str]:
    """List the settings of our own server: who may speak to it, and from which pages."""
    origins = ",".join(f"http://{name}:{port}" for name in LOOPBACK)
    return {
        **settings(f"http://{HOST}:{port}/api"),
        "PREFECT_API_AUTH_STRING": secret,
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origins,
    }


def adopt(api_url: str, *, secret: str | None = None) -> None:
    """Make this process, and those it starts, use the server; what the user has set stays.

    `secret` is that of our own server; another one's is the user's `PREFECT_API_AUTH_STRING`.
    """
    make_folder(prefect_home(), top=home())
    for name, value in settings(api_url).items():
        os.environ.setdefault(name, value)
    os.environ["PREFECT_API_URL"] = api_url
    if secret is not None:
        os.environ["PREFECT_API_AUTH_STRING"] = secret
