"""Judge a mathematical answer by what it means: `1/2`, `0.5` and `\\frac12` are the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay.records import Question, Sample
from tasks_lib.mathematics.boxed import last_boxed
from tasks_lib.mathematics.equality import COMPARER, Kind
from tasks_lib.mathematics.notation import same_notation
from tasks_lib.task import Verdict


@dataclass(frozen=True, kw_only=True)
class SameMathematics:
    """1 where the answer equals the field `answer`, else the target: as texts, else by Math-Verify.

    The last box counts, else what Math-Verify finds in the whole text. Where nothing is found there is no
    answer; a comparison that does not end in time counts as unequal, as it does for Math-Verify, and says so.
    """

    kinds: Sequence[Kind] = ("latex", "expr")

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Find the answer and compare; raises BadSpec without Math-Verify."""
        gold = str(question.fields.get("answer") or question.target)
        boxed = last_boxed(sample.output)
        if boxed is not None and same_notation(boxed, gold):
            return Verdict(1.0, boxed)
        text = sample.output if boxed is None else f"$\\boxed{{{boxed}}}$"
        found = COMPARER.compare(f"$\\boxed{{{gold}}}$", answer=text, kinds=self.kinds)
        if not found.in_time:
            return Verdict(0.0, boxed, "the comparison did not end in time")
        if boxed is None and found.read is None:
            return Verdict(None)
        return Verdict(float(found.equal), boxed or found.read)


@dataclass(frozen=True, kw_only=True)
class SameNotation:
    """1 where the last box holds the field `answer` as a text in one notation: the rule of MATH's authors."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Find the box and compare."""
        boxed = last_boxed(sample.output)
        if boxed is None:
            return Verdict(None)
        return Verdict(float(same_notation(boxed, str(question.fields["answer"]))), boxed)
