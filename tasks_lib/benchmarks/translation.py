"""Translations: FLORES-200 (NLLB team 2022, CC BY-SA 4.0) and WMT24++ (Deutsch et al. 2025, Apache-2.0).

Sources: `facebook/flores`, `google/wmt24pp`; neither is in our mirror, so their columns are from their cards.
Sentences that WMT24++ marks as bad sources are left out, as its authors do.
"""

from collections.abc import Iterator
from functools import partial

from assay.records import Question, Sampling
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.translation import translation_metrics
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

FLORES, WMT = "facebook/flores", "google/wmt24pp"
ASK = (
    "Translate this text from {source} into {language}. Write the translation alone."
    "\n\n{text}\n\nTranslation:"
)


class GoodSources(Hub):
    """The rows whose source is not marked as bad."""

    def rows(self) -> Iterator[Row]:
        """Yield them in the official order; raises DataError."""
        return (row for row in super().rows() if not row["is_bad_source"])


@register("flores")
def flores() -> Task:
    """Sentences of FLORES-200 translated, English into German unless a pair is named: chrF by sentence."""
    return pair(_task(Hub(FLORES)), "eng_Latn", "deu_Latn")


@register("wmt24pp")
def wmt24pp() -> Task:
    """Texts of WMT24++ translated from English, into German unless a language is named: chrF by text."""
    return into(_task(Hub(WMT)), "de_DE")


@register_variant("flores", r"from-([a-z]{3}_[A-Za-z]{4})-to-([a-z]{3}_[A-Za-z]{4})")
def pair(task: Task, source: str, target: str) -> Task:
    """Translate from one language into another, by their codes and scripts."""
    build = partial(flores_question, source=source, target=target)
    rows = {"config": f"{source}-{target}", "split": "devtest"}
    return task.with_(source=Hub(FLORES, rows["config"], split=rows["split"]), question=build)


@register_variant("wmt24pp", r"to-([a-z]{2,3}_[A-Z]{2})")
def into(task: Task, language: str) -> Task:
    """Translate into one language, by its code and country."""
    build = partial(wmt_question, language=language)
    return task.with_(source=GoodSources(WMT, f"en-{language}", split="train"), question=build)


def flores_question(row: Row, *, source: str, target: str) -> Question:
    """Take the sentence in both languages."""
    return Question(
        id=str(row["id"]),
        text=row[f"sentence_{source}"],
        target=row[f"sentence_{target}"],
        fields={"source": source, "language": target},
    )


def wmt_question(row: Row, *, language: str) -> Question:
    """Take the text and its translation; texts of one document are a cluster."""
    return Question(
        id=str(row["segment_id"]),
        text=row["source"],
        target=row["target"],
        cluster=str(row["document_id"]),
        fields={"source": "English", "language": language},
    )


def _task(source: Hub) -> Task:
    return Task(
        source=source,
        question=partial(wmt_question, language=""),
        prompt=completion(ASK),
        metrics=translation_metrics(),
        generate=Sampling(max_tokens=1024, stop=("\n\n",)),
    )
