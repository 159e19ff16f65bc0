"""How a task is run: a harness is a value that names a scaffold, tools, limits and preferences."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import yaml
from pydantic import Field, ValidationError

from assay.errors import BadSpec, UnknownName
from assay.extensions import Extensions, foreign_code
from assay.fingerprint import fingerprint
from assay.records import Record, Sampling

PRESETS = Path(__file__).parent / "presets"
HARNESSES = Extensions(kind="harness", group="assay.harnesses")
"""Harnesses of other packages: functions that return a `Harness`, or its fields."""


class SamplingOverride(Record):
    """What a harness changes of a task's sampling; None leaves the task's own."""

    max_tokens: int | None = Field(default=None, gt=0)
    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    stop: tuple[str, ...] | None = None
    seed: int | None = None

    def apply(self, sampling: Sampling) -> Sampling:
        """Return the sampling with what is set here."""
        return sampling.model_copy(update=self.model_dump(exclude_none=True))


class SandboxPreference(Record):
    """Where code is run by preference; what it may do is not a preference."""

    backend: str | None = None
    image: str | None = None


class Harness(Record):
    """How any task is run."""

    name: str
    description: str = ""
    scaffold: str = "plain"
    """How a question is put to the model: `plain`, `tool_loop`, or one of another package."""
    system_prompt: str | None = None
    tools: tuple[str, ...] = ()
    max_turns: int = Field(default=1, gt=0)
    tool_seconds: float = Field(default=30.0, gt=0)
    """Wall time of one tool call."""
    sampling: SamplingOverride = SamplingOverride()
    sandbox: SandboxPreference = SandboxPreference()

    @property
    def fingerprint(self) -> str:
        """Hash what can change an answer: everything but names and where the sandbox runs."""
        return fingerprint(
            self.model_dump(exclude={"name", "description"}) | {"sandbox": {"image": self.sandbox.image}}
        )


def preset_names() -> list[str]:
    """List the harnesses that come with Assay and those of other packages."""
    return sorted({file.stem for file in PRESETS.glob("*.yaml")} | set(HARNESSES.names()))


def load_harness(name: str) -> Harness:
    """Find a harness by name, or read it from a YAML file; raises UnknownName and BadSpec."""
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        return _read(path)
    preset = PRESETS / f"{name}.yaml"
    if preset.is_file():
        return _read(preset)
    if name not in HARNESSES.names():
        raise UnknownName("harness", name, preset_names())
    build = cast("Callable[[], object]", HARNESSES.load(name))
    with foreign_code(f"The harness {name!r}", remedy="Fix or uninstall its package."):
        return Harness.model_validate(build())


def _read(path: Path) -> Harness:
    try:
        values = yaml.safe_load(path.read_text())
        return Harness.model_validate({"name": path.stem} | values)
    except OSError as error:
        raise BadSpec(f"The harness file {str(path)!r} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, TypeError) as error:
        raise BadSpec(f"The harness file {str(path)!r} is not a YAML mapping.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadSpec(
            f"The harness file {str(path)!r} has a wrong {where!r}: {first['msg']}.",
            remedy=f"Fields are {', '.join(Harness.model_fields)}.",
        ) from error
