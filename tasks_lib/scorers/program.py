"""Judge a program by running it with its tests, in a sandbox."""

from collections.abc import Callable
from dataclasses import dataclass

from assay.records import Question, Sample
from sandbox.programs import run_python
from sandbox.protocol import Limits, Sandbox
from tasks_lib.extract.code import future_first
from tasks_lib.task import Verdict


@dataclass(frozen=True, kw_only=True)
class PassesTests:
    """1 where the program that `assemble` makes of question and output runs to its end in time."""

    assemble: Callable[[Question, str], str | None]
    agent: Callable[[Question, str], str | None] | None = None
    """The same for what an agent hands in, which is no continuation of the prompt."""
    seconds: float = 3.0

    @property
    def needs(self) -> frozenset[str]:
        """It runs Python."""
        return frozenset({"python"})

    async def judge_in(self, question: Question, sample: Sample, sandbox: Sandbox) -> Verdict:
        """Run the program; raises SandboxUnavailable."""
        assemble = self.agent if self.agent and sample.ended else self.assemble
        source = assemble(question, sample.output)
        if source is None:
            return Verdict(None)
        program = await run_python(sandbox, future_first(source), limits=Limits(seconds=self.seconds))
        said = "" if program.passed else program.stderr_tail.strip().rpartition("\n")[2]
        return Verdict(
            float(program.passed), explanation=f"{program.ending}: {said}" if said else program.ending
        )
