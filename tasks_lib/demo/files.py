"""The held-out questions of the demo as files, as they come with Assay."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from tasks_lib.demo.world import World

FOLDER = Path(__file__).parent
KINDS = ("say", "choose", "tell", "code")


def path(kind: str) -> str:
    """Return the file of one kind of question."""
    return str(FOLDER / f"{kind}.jsonl")


def contents(world: World) -> dict[str, bytes]:
    """Write the questions of a world, one file for each kind."""
    return {kind: _lines(getattr(world, kind)) for kind in KINDS}


def _lines(rows: Sequence[dict[str, object]]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
