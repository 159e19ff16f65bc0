"""Judge how likely the gold text is."""

import math
from dataclasses import dataclass

from assay.errors import BadSpec
from assay.records import Question, Sample
from tasks_lib.task import Prompt, Verdict


@dataclass(frozen=True, kw_only=True)
class BitsPerByte:
    """Bits the model needs for each UTF-8 byte of the gold text, the blank before it included.

    -log2(e) * log-likelihood / bytes, weighted by bytes over the questions (the corpus average).
    """

    prompt: Prompt

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Divide bits by bytes; raises BadSpec under a harness that asked for no log-likelihood."""
        if not sample.loglikelihoods:
            raise BadSpec("Bits per byte need log-likelihoods.", remedy="Use the harness `plain`.")
        size = len((self.prompt.gold(question) or "").encode())
        bits = -sample.loglikelihoods[0].logprob / math.log(2)
        return Verdict(bits / size, weight=float(size))
