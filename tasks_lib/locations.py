"""Where `-o source=` points: a file, or a data source of another package, as `name:what it reads`."""

from collections.abc import Callable
from typing import cast

from assay.extensions import Extensions, foreign_code
from tasks_lib.sources import Local
from tasks_lib.task import Source

SOURCES = Extensions(kind="data source", group="assay.sources")
"""Data sources of other packages: functions that take the rest of the location and return a `Source`."""


def source_at(location: str) -> Source:
    """Return the source at a location, such as `rows.jsonl` or `s3://bucket/rows.parquet`; raises BadSpec."""
    name, colon, rest = location.partition(":")
    if not colon or rest.startswith("//") or name not in SOURCES.names():
        return Local(location)
    build = cast("Callable[[str], Source]", SOURCES.load(name))
    with foreign_code(f"The data source {name!r}", remedy="Fix or uninstall its package."):
        return build(rest)
