"""Judge a translation by chrF of its sentence, as sacreBLEU computes it (Popović 2015)."""

from dataclasses import dataclass

from assay.records import Question, Sample
from tasks_lib.optional import library
from tasks_lib.task import Metric, Verdict


@dataclass(frozen=True, kw_only=True)
class SentenceChrF:
    """chrF (or chrF++ with `word_order` 2) of one translation, from 0 to 1; an empty one has no answer.

    The mean over sentences is not the chrF of a corpus, which weighs long sentences more.
    """

    word_order: int = 0

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Compare the first paragraph with the target and its aliases; raises BadSpec without sacreBLEU."""
        text = sample.output.strip().partition("\n")[0]
        if not text:
            return Verdict(None)
        metrics = library("sacrebleu.metrics", purpose="chrF")
        references = [question.target or "", *question.aliases]
        score = metrics.CHRF(word_order=self.word_order).sentence_score(text, references).score
        return Verdict(score / 100, text)


def translation_metrics() -> list[Metric]:
    """Report the mean chrF and chrF++ of sentences."""
    return [
        Metric(name="sentence_chrf", scorer=SentenceChrF()),
        Metric(name="sentence_chrf++", scorer=SentenceChrF(word_order=2)),
    ]
