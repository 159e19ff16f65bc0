"""The tools that come with Assay."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay.records import ToolSpec
from harnesses.tools.tool import Tool, ToolResult, one_argument, show
from sandbox.protocol import Limits, Sandbox


@dataclass(frozen=True, kw_only=True)
class RunProgram:
    """Hand a text to an interpreter in the sandbox."""

    spec: ToolSpec
    needs: frozenset[str]
    argv: Sequence[str]

    async def call(self, argument: str, *, sandbox: Sandbox | None, limits: Limits) -> ToolResult:
        """Run it and show what it printed."""
        assert sandbox is not None
        return ToolResult(show(await sandbox.exec(self.argv, stdin=argument.encode(), limits=limits)))


@dataclass(frozen=True, kw_only=True)
class Submit:
    """End the loop with an answer."""

    spec: ToolSpec
    needs: frozenset[str] = frozenset()

    async def call(self, argument: str, *, sandbox: Sandbox | None, limits: Limits) -> ToolResult:
        """Take the answer."""
        return ToolResult("Submitted.", submitted=argument)


TOOLS: dict[str, Tool] = {
    "bash": RunProgram(
        spec=one_argument(
            "bash", "Run a shell script in the sandbox; files stay between calls.", argument="script"
        ),
        needs=frozenset({"bash"}),
        argv=("sh", "-s"),
    ),
    "python": RunProgram(
        spec=one_argument(
            "python", "Run a Python program in the sandbox; print what you need.", argument="code"
        ),
        needs=frozenset({"python"}),
        argv=("python3", "-"),
    ),
    "submit": Submit(
        spec=one_argument("submit", "Hand in the final answer and end the task.", argument="answer")
    ),
}
