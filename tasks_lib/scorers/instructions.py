"""Judge whether a text follows the instructions of its prompt: IFEval and IFBench."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from assay.records import Question, Sample
from tasks_lib.instructions.rules import Rules, followed, loose_forms
from tasks_lib.task import Metric, Verdict


@dataclass(frozen=True, kw_only=True)
class FollowsInstructions:
    """Check the instructions in the field `instructions`, pairs of name and arguments.

    `together` gives 1 where all are followed; else the value is the share of them, weighted by their number,
    so that the mean over the weights counts each instruction the same. `loose` takes the best of eight forms
    of the text for each instruction.
    """

    rules: Rules
    loose: bool = False
    together: bool = True

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Check each instruction; raises KeyError for one that no rule is named after."""
        forms = loose_forms(sample.output) if self.loose else [sample.output]
        names, verdicts = [], []
        given = cast("Sequence[tuple[str, dict[str, JsonValue]]]", question.fields["instructions"])
        for name, arguments in given:
            names.append(name)
            verdicts.append(any(followed(form, self.rules[name], arguments) for form in forms))
        broken = [name for name, verdict in zip(names, verdicts, strict=True) if not verdict]
        why = f"not followed: {', '.join(broken)}" if broken else "all followed"
        if self.together:
            return Verdict(float(not broken), explanation=why)
        return Verdict(sum(verdicts) / len(verdicts), explanation=why, weight=float(len(verdicts)))


def instruction_metrics(rules: Rules, *, headline: str) -> list[Metric]:
    """Report the share of prompts, and of instructions, that are followed, strictly and loosely."""
    found = {
        f"{'prompt' if together else 'inst'}_{'loose' if loose else 'strict'}": Metric(
            name=f"{'prompt' if together else 'inst'}_{'loose' if loose else 'strict'}",
            scorer=FollowsInstructions(rules=rules, loose=loose, together=together),
            reduction="mean" if together else "ratio",
        )
        for together in (True, False)
        for loose in (False, True)
    }
    return [found.pop(headline), *found.values()]
