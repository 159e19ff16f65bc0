"""What a tool is: a description for the model, and what happens when the model calls it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from assay.records import ToolSpec
from sandbox.protocol import ExecResult, Limits, Sandbox

SHOWN = 8_000
"""Characters of output that the model reads; the middle of a longer one is left out."""


@dataclass(frozen=True, kw_only=True)
class ToolContext:
    """What a tool may use while it runs."""

    sandbox: Sandbox | None
    """The sandbox of this conversation; None where no tool needs one."""
    limits: Limits
    """Limits of one call, among them its wall time."""


@dataclass(frozen=True)
class ToolResult:
    """What the model reads; `submitted` is the final answer where the tool ends the conversation."""

    text: str
    submitted: str | None = None


class Tool(Protocol):
    """One thing that a model can do."""

    @property
    def spec(self) -> ToolSpec:
        """Name, description and JSON schema, as the model is told them."""
        ...

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities of a sandbox, such as `python`; empty where the tool runs in this process."""
        ...

    async def call(self, arguments: Mapping[str, JsonValue], *, context: ToolContext) -> ToolResult:
        """Run the tool with arguments that fit its schema.

        Raises BadArguments where they do not, which the model is told, and SandboxUnavailable; what a program
        in the sandbox does is a result.
        """
        ...


class BadArguments(Exception):
    """The arguments of a call do not fit the tool; the model reads the message and may try again."""


def shown_output(result: ExecResult) -> str:
    """Output of a program and how it ended, as the model reads it."""
    output = (result.stdout + result.stderr).decode(errors="replace")
    if len(output) > SHOWN:
        left_out = f"\n... {len(output) - SHOWN} characters left out ...\n"
        output = output[: SHOWN // 2] + left_out + output[-SHOWN // 2 :]
    ending = "" if result.ending == "ok" else f"\n[{result.ending}, exit code {result.code}]"
    return (output + ending).strip() or "[no output]"
