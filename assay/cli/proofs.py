"""Proofs of tasks without a model, one task or all."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assay.errors import AssayError, DatasetNotFound, SandboxUnavailable
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.check import Problem, check
from tasks_lib.registry import DIALECTS, task_names, variants_of
from tasks_lib.spec import resolve_task


class Proof(NamedTuple):
    """What the check of a task found."""

    spec: str
    problems: Sequence[Problem] = ()
    skipped: str = ""
    """Why it cannot be checked here: its data or its programming languages are missing."""


def all_specs() -> list[str]:
    """List every task as it is, and in each dialect it has."""
    return [
        spec
        for name in task_names()
        for spec in (name, *(f"{name}:{dialect}" for dialect in DIALECTS if dialect in variants_of(name)))
    ]


async def prove(spec: str, options: Mapping[str, str], *, limit: int | None) -> Proof:
    """Check a task; raises BadSpec, UnknownName and DataError."""
    task = resolve_task(spec, options)
    async with Pool(await plan(task.needs)) as pool:
        return Proof(spec, await check(task, pool=pool, limit=limit))


async def prove_if_possible(spec: str, *, limit: int | None) -> Proof:
    """Check a task of which something may be missing, and let no error stop the tasks after it."""
    try:
        return await prove(spec, {}, limit=limit)
    except (DatasetNotFound, SandboxUnavailable) as error:
        return Proof(spec, skipped=str(error))
    except AssayError as error:
        return Proof(spec, [Problem("", str(error))])
