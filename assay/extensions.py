"""Parts that other packages add by entry points: providers, scaffolds, tools, sandboxes, sources, harnesses.

An entry point of a group names an object; nothing is imported before it is asked for by name.
"""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import TracebackType

from assay.errors import AssayError, BadSpec, UnknownName

OURS = frozenset({"assay", "flows", "tasks_lib", "harnesses", "sandbox", "deployments"})
"""Import packages of this distribution; what lies elsewhere is the user's code or a library."""


@dataclass(frozen=True, kw_only=True)
class Extensions:
    """The parts of one kind: those that come with Assay, and those of other packages."""

    kind: str
    """What an error calls one of them, such as `tool`."""
    group: str
    """Entry-point group, such as `assay.tools`."""
    builtin: Mapping[str, str] = field(default_factory=dict)
    """Import path of each part that comes with Assay, as `module:name`."""

    def names(self) -> list[str]:
        """Names of all parts, those of Assay first."""
        return [*self.builtin, *(entry.name for entry in self._entries() if entry.name not in self.builtin)]

    def load(self, name: str) -> object:
        """Import a part by its name; raises UnknownName, and BadSpec where its package cannot be imported."""
        if name in self.builtin:
            module, _, attribute = self.builtin[name].partition(":")
            return getattr(import_module(module), attribute)
        for entry in self._entries():
            if entry.name == name:
                with foreign_code(
                    f"The {self.kind} {name!r} ({entry.value})", remedy="Fix or uninstall its package."
                ):
                    loaded: object = entry.load()
                    return loaded
        raise UnknownName(self.kind, name, self.names())

    def _entries(self) -> list[EntryPoint]:
        return sorted(entry_points(group=self.group), key=lambda entry: entry.name)


@contextmanager
def foreign_code(what: str, *, remedy: str) -> Iterator[None]:
    """Turn whatever a user's code raises into a BadSpec that names the user's own line.

    `what` is the subject of the sentence: "The task file 'x.py'".
    """
    try:
        yield
    except AssayError:
        raise
    except Exception as error:
        raise BadSpec(f"{what} raised {described(error)}.", remedy=remedy) from error


def described(error: BaseException) -> str:
    """Describe an exception by its type, its first line, and the line of the user's code that raised it."""
    message = str(error).strip().partition("\n")[0].removesuffix(".")
    line = _last_foreign_line(error.__traceback__)
    return type(error).__name__ + (f": {message}" if message else "") + (f" ({line})" if line else "")


def _last_foreign_line(trace: TracebackType | None) -> str:
    """File and line of the innermost frame that is neither ours nor a library's, if there is any."""
    root = Path(__file__).parent.parent
    ours = tuple(str(root / package) for package in OURS)
    frames = [
        frame
        for frame in traceback.extract_tb(trace)
        if not frame.filename.startswith((*ours, "<"))
        and "site-packages" not in frame.filename
        and "importlib" not in frame.filename
    ]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
