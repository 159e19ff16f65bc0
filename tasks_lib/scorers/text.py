"""Judge the text a model wrote against the gold answer."""

from collections.abc import Callable
from dataclasses import dataclass

from assay.records import Question, Sample
from tasks_lib.extract.patterns import Extract, whole
from tasks_lib.task import Verdict


def same(text: str) -> str:
    """Leave a text as it is."""
    return text


@dataclass(frozen=True, kw_only=True)
class ExactMatch:
    """1 where the extracted answer equals the gold answer or one of its aliases, after normalisation."""

    extract: Extract = whole
    gold: Extract = whole
    """How the answer is found in the gold text, which may hold a whole solution."""
    normalise: Callable[[str], str] = same

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Extract and compare."""
        answer = self.extract(sample.output)
        if answer is None:
            return Verdict(None)
        gold = [self.gold(text) for text in (question.target or "", *question.aliases)]
        accepted = {self.normalise(text) for text in gold if text is not None}
        return Verdict(float(self.normalise(answer) in accepted), answer)


def exact_match(
    extract: Extract = whole, *, gold: Extract | None = None, normalise: Callable[[str], str] = same
) -> ExactMatch:
    """Make a scorer that compares; the gold answer is found like the model's unless `gold` is given."""
    return ExactMatch(extract=extract, gold=gold or extract, normalise=normalise)
