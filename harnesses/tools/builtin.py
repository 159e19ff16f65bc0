"""The tools that come with Assay: a shell, Python, and handing in an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from assay.records import ToolSpec
from harnesses.tools.tool import BadArguments, ToolContext, ToolResult, shown_output


@dataclass(frozen=True, kw_only=True)
class RunProgram:
    """Pass a text to an interpreter in the sandbox."""

    spec: ToolSpec
    needs: frozenset[str]
    argv: Sequence[str]

    async def call(self, arguments: Mapping[str, JsonValue], *, context: ToolContext) -> ToolResult:
        """Run the program; the result is what it printed."""
        assert context.sandbox is not None
        program = _text(arguments, self.spec)
        result = await context.sandbox.exec(self.argv, stdin=program.encode(), limits=context.limits)
        return ToolResult(shown_output(result))


@dataclass(frozen=True, kw_only=True)
class Submit:
    """End the conversation with an answer."""

    spec: ToolSpec
    needs: frozenset[str] = frozenset()

    async def call(self, arguments: Mapping[str, JsonValue], *, context: ToolContext) -> ToolResult:
        """Take the answer."""
        return ToolResult("Submitted.", submitted=_text(arguments, self.spec))


def one_text(name: str, description: str, *, argument: str) -> ToolSpec:
    """Describe a tool that takes one text."""
    properties: dict[str, JsonValue] = {argument: {"type": "string"}}
    return ToolSpec(
        name=name,
        description=description,
        parameters={"type": "object", "properties": properties, "required": [argument]},
    )


def _text(arguments: Mapping[str, JsonValue], spec: ToolSpec) -> str:
    """Read the one text of a call; other arguments that a model adds are ignored."""
    properties = spec.parameters["properties"]
    assert isinstance(properties, Mapping)
    value = arguments.get(next(iter(properties)))
    if not isinstance(value, str):
        raise BadArguments(f"{spec.name} takes one string, as JSON: {properties}.")
    return value


BASH = RunProgram(
    spec=one_text("bash", "Run a shell script in the sandbox; files stay between calls.", argument="script"),
    needs=frozenset({"bash"}),
    argv=("sh", "-s"),
)
PYTHON = RunProgram(
    spec=one_text("python", "Run a Python program in the sandbox; print what you need.", argument="code"),
    needs=frozenset({"python"}),
    argv=("python3", "-"),
)
SUBMIT = Submit(spec=one_text("submit", "Hand in the final answer and end the task.", argument="answer"))
