"""Judge a program by running it with its tests, in a sandbox.

Where a task separates the answer from its tests (`TestedProgram`), the tests run in a process of their own,
so the answer cannot write its own verdict. Where tests hand objects of their own to the answer, or compare
values without a plain form, even the reference solution fails that way; both then run in one process, and the
verdict says so.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Self

from assay.records import Question, Sample
from sandbox.programs import run_python
from sandbox.protocol import Ending, Limits, Sandbox
from sandbox.trials import Trial, run_tests
from tasks_lib.extract.code import future_first
from tasks_lib.task import Verdict

TOGETHER = "judged in one process with its tests"
_IN_THE_WAY: dict[tuple[str, str], bool] = {}
"""Whether a question's tests need objects, by id and digest: its reference solution decides, once."""


class TestedProgram(str):
    """A program followed by its tests: one source that also keeps the two apart."""

    program: str
    tests: str
    context: str
    """Code that the tests need and no model wrote, such as the functions around the gap of a prompt."""
    names: frozenset[str]
    """Names that the tests take from the program, even where Python has its own."""

    __slots__ = ("context", "names", "program", "tests")

    def __new__(cls, program: str, tests: str, *, context: str = "", names: Collection[str] = ()) -> Self:
        """Join the program and its tests."""
        source = super().__new__(cls, f"{program}\n{tests}\n")
        source.program, source.tests, source.context = program, tests, context
        source.names = frozenset(names)
        return source


@dataclass(frozen=True, kw_only=True)
class PassesTests:
    """1 where the program that `assemble` makes of question and output runs to its end in time."""

    assemble: Callable[[Question, str], str | None]
    """Returns a `TestedProgram`, whose tests run apart from the program, or one source that tests itself."""
    agent: Callable[[Question, str], str | None] | None = None
    """The same for what an agent hands in, which is no continuation of the prompt."""
    seconds: float = 3.0
    """For the whole program."""
    call_seconds: float | None = None
    """For one call of the program by its tests, where these run apart."""

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
        if not isinstance(source, TestedProgram):
            return await self._together(source, sandbox, remark=None)
        trial = await self._apart(source, sandbox)
        if await self._in_the_way(question, trial, sandbox):
            return await self._together(source, sandbox, remark=TOGETHER)
        return _verdict(trial.passed, trial.ending, trial.stderr_tail)

    async def _apart(self, source: TestedProgram, sandbox: Sandbox) -> Trial:
        return await run_tests(
            sandbox,
            future_first(source.program),
            source.tests,
            context=source.context,
            names=source.names,
            seconds=self.call_seconds,
            limits=Limits(seconds=self.seconds),
        )

    async def _together(self, source: str, sandbox: Sandbox, *, remark: str | None) -> Verdict:
        program = await run_python(sandbox, future_first(source), limits=Limits(seconds=self.seconds))
        return _verdict(program.passed, program.ending, program.stderr_tail, remark=remark)

    async def _in_the_way(self, question: Question, trial: Trial, sandbox: Sandbox) -> bool:
        """Whether objects, not the answer, are why it failed: the reference solution then fails as well."""
        if not (trial.refused or trial.objects):
            return False
        if not question.target:
            return trial.refused
        key = question.id, question.digest
        if key not in _IN_THE_WAY:
            # Nothing that the answer has left behind may have a say in this.
            await sandbox.reset()
            gold = self.assemble(question, question.target)
            assert isinstance(gold, TestedProgram)
            _IN_THE_WAY[key] = not (await self._apart(gold, sandbox)).passed
        await sandbox.reset()
        return _IN_THE_WAY[key]


def _verdict(passed: bool, ending: Ending, tail: str, *, remark: str | None = None) -> Verdict:
    last_line = "" if passed else tail.strip().rpartition("\n")[2]
    explanation = f"{ending}: {last_line}" if last_line else ending
    return Verdict(float(passed), explanation=f"{explanation} ({remark})" if remark else explanation)
