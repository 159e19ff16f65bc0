"""Tasks over rows written here, so that no test needs the real data sets."""

from pathlib import Path

import orjson
import pytest

from tasks_lib import registry
from tasks_lib.sources import Local
from tasks_lib.spec import resolve_task
from tasks_lib.task import Task

Rows = list[dict[str, object]]


def file_of(folder: Path, rows: Rows, *, name: str = "rows") -> Local:
    """Write rows as JSON lines."""
    file = folder / f"{name}.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return Local(str(file))


def task_of(spec: str, folder: Path, rows: Rows, *, shots: Rows | None = None) -> Task:
    """Build a task of the catalogue over other rows, and other few-shots where some are given."""
    task = resolve_task(spec, {}).with_(source=file_of(folder, rows))
    return task if shots is None else task.with_(fewshot=file_of(folder, shots, name="shots"))


def keep_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a test registers end with it."""
    registry.task_names()
    for name in ("_tasks", "_suites", "_aliases", "_abouts"):
        monkeypatch.setattr(registry, name, dict(getattr(registry, name)))
    monkeypatch.setattr(registry, "_variants", list(registry._variants))
    monkeypatch.setattr(registry, "_files", set())
