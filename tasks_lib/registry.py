"""Which tasks, variants and suites there are: names with the functions that build them, called when used."""

import importlib
import importlib.util
import inspect
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from assay.errors import AssayError, BadSpec, UnknownName
from tasks_lib import benchmarks, suites
from tasks_lib.suites.suite import Suite
from tasks_lib.task import Task
from tasks_lib.written import is_written, written_task

GROUP = "assay.tasks"
FOLDER = "ASSAY_TASKS_DIR"
ANY = "*"
DIALECTS = ("olmes", "lm-eval", "openai")
"""Variants that say whose conventions a task follows; in a spec they apply before the others."""

BuildTask = Callable[[], Task]
BuildSuite = Callable[[], Suite]
ChangeTask = Callable[..., Task]
T = TypeVar("T", bound=Callable[..., object])


@dataclass(frozen=True)
class Variant:
    """A named change to one task, or to any (`*`); groups of the pattern become arguments."""

    task: str
    pattern: str
    change: ChangeTask

    def apply(self, task: Task, name: str) -> Task | None:
        """Change the task if the name fits; raises BadSpec where the change is impossible."""
        found = re.fullmatch(self.pattern, name)
        return self.change(task, *found.groups()) if found else None


_tasks: dict[str, BuildTask] = {}
_aliases: dict[str, str] = {}
_abouts: dict[str, str] = {}
_suites: dict[str, BuildSuite] = {}
_variants: list[Variant] = []
_files: set[Path] = set()


def register(name: str, *, aliases: Sequence[str] = (), about: str = "") -> Callable[[T], T]:
    """Register a task under a name: `@register("gsm8k")` above a function that returns a `Task`.

    Aliases are other names the field uses; a task of such a name is the same task, of the first name.
    `about` describes the task where its function builds several and cannot.
    """
    add = _adder(_tasks, name, kind="task")
    if about:
        _abouts[name] = about
    for alias in aliases:
        _check_name(alias, kind="alias")
        _aliases[alias] = name
    return add


def register_suite(name: str) -> Callable[[T], T]:
    """Register a suite under a name: `@register_suite("nightly")` above a function that returns a `Suite`."""
    return _adder(_suites, name, kind="suite")


def register_variant(task: str, pattern: str) -> Callable[[T], T]:
    """Register a change of one task or of any (`*`), such as `@register_variant("*", r"(\\d+)shot")`.

    The function gets the task and the groups of the pattern, and returns the changed task.
    """

    def add(change: T) -> T:
        if any((known.task, known.pattern) == (task, pattern) for known in _variants):
            raise BadSpec(
                f"There are two definitions of the variant {pattern!r} of {task!r}.",
                remedy="Rename one of them.",
            )
        _variants.append(Variant(task, pattern, change))  # type: ignore[arg-type]
        return change

    return add


def task_names() -> list[str]:
    """List the names of all tasks."""
    _load()
    return sorted(_tasks)


def suite_names() -> list[str]:
    """List the names of all suites."""
    _load()
    return sorted(_suites)


def variants_of(name: str) -> list[str]:
    """List the variants that a task may take: its own names, and the patterns that any task takes."""
    return list(described_variants(name))


def described_variants(name: str) -> dict[str, str]:
    """Say of each variant that a task may take what it does; a task's own stands for that of any."""
    _load()
    found: dict[str, str] = {}
    for variant in sorted(_variants, key=lambda variant: variant.task == ANY):
        if variant.task in {name, ANY}:
            found.setdefault(variant.pattern, _about(variant.change))
    return found


def describe(name: str) -> str:
    """Return the first line of what a task or suite says of itself; raises UnknownName."""
    _load()
    known = {**_tasks, **_suites}
    if name not in known:
        raise UnknownName("task or suite", name, known)
    return _abouts.get(name) or _about(known[name])


def _about(built_by: Callable[..., object]) -> str:
    return (inspect.getdoc(built_by) or "").partition("\n")[0]


def build_task(name: str) -> Task:
    """Build a task by its bare name, or by the path of a YAML file; raises UnknownName and BadSpec."""
    _load()
    if is_written(name):
        return written_task(name).with_(name=name)
    name = _aliases.get(name, name)
    if name not in _tasks:
        raise UnknownName("task", name, [*_tasks, *_aliases])
    return _tasks[name]().with_(name=name)


def is_task(name: str) -> bool:
    """Whether a task has this name, its first or another, or the name is that of a YAML file."""
    _load()
    return is_written(name) or name in _tasks or name in _aliases


def build_suite(name: str) -> Suite | None:
    """Build a suite by its name; None where there is none of that name."""
    _load()
    return _suites[name]() if name in _suites else None


def vary(task: Task, variant: str) -> Task:
    """Apply one variant by its name, the task's own before those of any; raises UnknownName."""
    bare = task.name.partition(":")[0]
    mine = [v for v in _variants if v.task == bare] + [v for v in _variants if v.task == ANY]
    for known in mine:
        if changed := known.apply(task, variant):
            dialect = variant if variant in DIALECTS else task.dialect
            return changed.with_(name=f"{task.name}:{variant}", dialect=dialect)
    raise UnknownName(f"variant of {bare}", variant, [_example(v.pattern) for v in mine])


def add_folder(folder: Path) -> None:
    """Load the task files of a folder, which register what they define; raises BadSpec.

    A file that is loaded already, by another name of its folder, is left alone.
    """
    _load()
    _add_files(folder)


def _add_files(folder: Path) -> None:
    if not folder.is_dir():
        raise BadSpec(
            f"There is no folder of tasks {str(folder)!r}.", remedy=f"Check --tasks-dir or {FOLDER}."
        )
    for file in sorted(folder.glob("*.py")):
        if file.resolve() not in _files:
            with _foreign(f"The task file {str(file)!r}", remedy="Mend it, or take it out of the folder."):
                _run(file)
            _files.add(file.resolve())


def _run(file: Path) -> None:
    name = f"assay_tasks_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses with annotations as text look their module up by name.
    sys.modules[name] = module
    spec.loader.exec_module(module)


@contextmanager
def _foreign(what: str, *, remedy: str) -> Iterator[None]:
    """Turn whatever code that is not ours raises while it is loaded into one sentence."""
    try:
        yield
    except AssayError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}".strip().partition("\n")[0].removesuffix(".")
        raise BadSpec(f"{what} cannot be loaded: {said}.", remedy=remedy) from error


def _adder(known: dict[str, Any], name: str, *, kind: str) -> Callable[[T], T]:
    def add(build: T) -> T:
        _check_name(name, kind=kind)
        known[name] = build
        return build

    return add


def _check_name(name: str, *, kind: str) -> None:
    if not name or (":" in name and kind != "suite") or "" in name.split(":"):
        raise BadSpec(f"A {kind} cannot be named {name!r}.", remedy="Leave out colons.")
    if name in _tasks or name in _suites or name in _aliases:
        raise BadSpec(
            f"There are two definitions of {name!r}, the second of the kind {kind}.",
            remedy="Rename one of them.",
        )


def _example(pattern: str) -> str:
    return pattern.replace(r"(\d+)", "5").replace(r"(\w+)", "NAME")


@cache
def _load() -> None:
    for package in (benchmarks, suites):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for entry in entry_points(group=GROUP):
        with _foreign(f"The plugin {entry.name!r} ({entry.value})", remedy="Mend or uninstall it."):
            entry.load()
    if folder := os.environ.get(FOLDER):
        _add_files(Path(folder).expanduser())
