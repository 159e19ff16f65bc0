"""Where Assay keeps its data: everything is under `ASSAY_HOME`."""

import os
from pathlib import Path


def home() -> Path:
    """The folder of the store, the response log and Prefect's own home (default `~/.assay`)."""
    return Path(os.environ.get("ASSAY_HOME") or Path.home() / ".assay").expanduser().absolute()


def database_url() -> str:
    """The SQLAlchemy address of the store: `ASSAY_DB_URL`, else SQLite under `ASSAY_HOME`."""
    return os.environ.get("ASSAY_DB_URL") or f"sqlite:///{home() / 'assay.db'}"
