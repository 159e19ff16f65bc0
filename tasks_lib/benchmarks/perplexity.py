"""Texts scored whole: WikiText-2 (Merity et al. 2016), and any of your own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assay.errors import DatasetNotFound
from assay.records import Question
from tasks_lib.metrics import bits_per_byte, bits_per_word
from tasks_lib.prompts import WholeText
from tasks_lib.registry import register
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

SLASHED = re.compile(r"/' [0-9]/")
SPACED = (
    (" @-@ ", "-"), (" @,@ ", ","), (" @.@ ", "."), (" : ", ": "), (" ; ", "; "), (" . ", ". "),
    (" ! ", "! "), (" ? ", "? "), (" , ", ", "),
)  # fmt: skip
ENCLOSING = (("(", ")"), ("[", "]"), ("{", "}"), ('"', '"'), ("'", "'"))
LAST = (
    ("= = = =", "===="), ("= = =", "==="), ("= =", "=="), (" \N{DEGREE SIGN} ", "\N{DEGREE SIGN}"),
    (" \n", "\n"), ("\n ", "\n"), (" N ", " 1 "), (" 's", "'s"),
)  # fmt: skip


@dataclass(frozen=True)
class ToBeNamed:
    """Stands where a file of the user's own belongs."""

    def rows(self) -> Iterator[Row]:
        """Say how to name the file; raises DatasetNotFound."""
        raise DatasetNotFound(
            "The task has no texts of its own.",
            remedy="Name a file with a column `text`: -o source=FILE (JSON lines, JSON, CSV or Parquet).",
        )

    def __str__(self) -> str:
        return "a file that you name: -o source=FILE"


@register("wikitext")
def wikitext() -> Task:
    """Articles of WikiText-2, whole, in bits per byte as lm-evaluation-harness counts (lower is better)."""
    prompt = WholeText(wording=as_written)
    return Task(
        source=Hub("EleutherAI/wikitext_document_level", "wikitext-2-raw-v1", split="test"),
        question=lambda row: Question(text=row["page"]),
        prompt=prompt,
        metrics=[bits_per_byte(prompt), bits_per_word(prompt)],
    )


@register("perplexity")
def perplexity() -> Task:
    """Texts of your own, whole, in bits per byte (lower is better)."""
    prompt = WholeText()
    return Task(
        source=ToBeNamed(),
        question=own_text,
        prompt=prompt,
        metrics=[bits_per_byte(prompt), bits_per_word(prompt)],
    )


def own_text(row: Row) -> Question:
    """Take the column `text`, and `id` where there is one."""
    if not row["text"]:
        raise ValueError("its text is empty")
    return Question(id=str(row.get("id") or ""), text=row["text"])


def as_written(page: str) -> str:
    """Undo the blanks that the data set's makers put around punctuation, as lm-evaluation-harness does.

    Bug for bug: of a quote and a digit between slashes it makes the pattern itself.
    """
    text = SLASHED.sub("/'[0-9]/", page.replace("s '", "s'"))
    for old, new in SPACED:
        text = text.replace(old, new)
    for opens, closes in ENCLOSING:
        first, last = re.escape(opens), re.escape(closes)
        text = re.sub(rf"{first}\s*([^{last}]*?)\s*{last}", rf"{opens}\1{closes}", text)
    for old, new in LAST:
        text = text.replace(old, new)
    return text
