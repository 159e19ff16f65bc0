"""Judge how likely the gold text is."""

import math
import re
from dataclasses import dataclass

from assay.errors import BadSpec
from assay.records import Question, Sample
from tasks_lib.task import Prompt, Verdict

BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class BitsPerByte:
    """Bits the model needs for each UTF-8 byte of the gold text, the blank before it included.

    -log2(e) * log-likelihood / bytes, weighted by bytes over the questions (the corpus average).
    """

    prompt: Prompt

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Divide bits by bytes; raises BadSpec under a harness that asked for no log-likelihood."""
        return _per(len((self.prompt.gold(question) or "").encode()), sample)


@dataclass(frozen=True, kw_only=True)
class BitsPerWord:
    """Bits the model needs for each word of the gold text, weighted by words over the questions.

    Words are what white space parts, and at either end of a text it parts a word of no letters from the
    rest, as in lm-evaluation-harness, whose `word_perplexity` is 2 to the power of this.
    """

    prompt: Prompt

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Divide bits by words; raises BadSpec under a harness that asked for no log-likelihood."""
        return _per(len(BLANKS.split(self.prompt.gold(question) or "")), sample)


@dataclass(frozen=True, kw_only=True)
class GreedyMatch:
    """1 where greedy decoding would have written the gold text, token by token."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Look at the backend's own word; raises BadSpec where it says nothing of it."""
        greedy = sample.loglikelihoods[0].greedy if sample.loglikelihoods else None
        if greedy is None:
            raise BadSpec(
                "This backend does not tell whether greedy decoding gives a text.",
                remedy="Use one that does (hf, vllm), or measure :bpb.",
            )
        return Verdict(float(greedy))


def _per(size: int, sample: Sample) -> Verdict:
    if not sample.loglikelihoods:
        raise BadSpec("Bits of a given text need log-likelihoods.", remedy="Use the harness `plain`.")
    bits = -sample.loglikelihoods[0].logprob / math.log(2)
    return Verdict(bits / size, weight=float(size))
