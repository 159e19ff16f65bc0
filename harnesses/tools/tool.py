"""What a tool is: a description for the model, and what happens when it is called."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import orjson
from pydantic import JsonValue

from assay.errors import UnknownName
from assay.records import ToolCall, ToolSpec
from sandbox.protocol import ExecResult, Limits, Sandbox

SHOWN = 8_000


class ToolResult(NamedTuple):
    """What the model reads; `submitted` is the final answer where the tool ends the loop."""

    text: str
    submitted: str | None = None


class Tool(Protocol):
    """One thing a model can do in a sandbox."""

    @property
    def spec(self) -> ToolSpec:
        """What the model is told."""
        ...

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities of a sandbox."""
        ...

    async def call(self, argument: str, *, sandbox: Sandbox | None, limits: Limits) -> ToolResult:
        """Do it; raises SandboxUnavailable, never for what a program did."""
        ...


def one_argument(name: str, description: str, *, argument: str) -> ToolSpec:
    """Describe a tool that takes one string."""
    properties: dict[str, JsonValue] = {argument: {"type": "string"}}
    return ToolSpec(
        name=name,
        description=description,
        parameters={"type": "object", "properties": properties, "required": [argument]},
    )


def read_argument(call: ToolCall, spec: ToolSpec) -> str | None:
    """Read the one string a call carries, None where the model wrote something else."""
    try:
        values = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        return None
    if not isinstance(values, Mapping):
        return None
    properties = spec.parameters["properties"]
    assert isinstance(properties, Mapping)
    value = values.get(next(iter(properties)))
    return value if isinstance(value, str) else None


def show(result: ExecResult) -> str:
    """Write for the model how a program ended and what it printed."""
    output = (result.stdout + result.stderr).decode(errors="replace")
    if len(output) > SHOWN:
        left_out = f"\n... {len(output) - SHOWN} characters left out ...\n"
        output = output[: SHOWN // 2] + left_out + output[-SHOWN // 2 :]
    ending = "" if result.ending == "ok" else f"\n[{result.ending}, exit code {result.code}]"
    return (output + ending).strip() or "[no output]"


def find_tools(names: tuple[str, ...], catalogue: Mapping[str, Tool]) -> dict[str, Tool]:
    """Look tools up by name, in order."""
    for name in names:
        if name not in catalogue:
            raise UnknownName("tool", name, catalogue)
    return {name: catalogue[name] for name in names}
