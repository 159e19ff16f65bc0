"""A first look at a fresh checkpoint, in a minute: a model that fails here is broken, not weak.

The rows come with Assay. A base model should know plain facts, read plain sentences and see a pattern; a
chat model should greet, stop, close its thought and call a function.
"""

from dataclasses import dataclass
from pathlib import Path

from assay.records import Question, Sample, Sampling
from tasks_lib.extract.numbers import read_number
from tasks_lib.extract.patterns import first_match
from tasks_lib.metrics import accuracy, bits_metrics, choice_accuracy
from tasks_lib.prompts import GoldPrompt, cloze, completion
from tasks_lib.registry import register
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import Local
from tasks_lib.task import Row, Scorer, Task, Verdict

FOLDER = Path(__file__).parent.parent / "smoke"
WORD = first_match(r"[A-Za-z]+")
TOOL = (
    "You can call one function, get_weather(city: str), which returns the weather in a city. To call it, "
    'write a line such as get_weather(city="Rome") and nothing else.\n\n{text}'
)


@register("smoke_facts")
def smoke_facts() -> Task:
    """Facts that every base model should know, the likeliest of four words."""
    return Task(
        source=_rows("facts"),
        question=lambda row: Question(
            id=row["id"], text=row["text"], choices=tuple(row["choices"]), answer=row["answer"]
        ),
        prompt=cloze("{text}"),
        metrics=[choice_accuracy()],
    )


@register("smoke_sentences")
def smoke_sentences() -> Task:
    """Plain sentences in bits per byte: above 2, a base model has not learnt English (lower is better)."""
    prompt = GoldPrompt(inner=completion("{text}", target="{target}"))
    return Task(
        source=_rows("sentences"),
        question=lambda row: Question(id=row["id"], text=row["text"], target=row["rest"]),
        prompt=prompt,
        metrics=bits_metrics(prompt),
    )


@register("smoke_patterns")
def smoke_patterns() -> Task:
    """Words that repeat, to be continued: whether generation works at all."""
    return Task(
        source=_rows("patterns"),
        question=answered,
        prompt=completion("{text}"),
        metrics=[accuracy(exact_match(WORD))],
        generate=Sampling(max_tokens=8),
    )


@register("smoke_hello")
def smoke_hello() -> Task:
    """Greetings and one-word answers, which the model must end by itself."""
    return Task(
        source=_rows("hello"),
        question=answered,
        prompt=completion("{text}", target="{target}"),
        metrics=[accuracy(Ended(scorer=Says()))],
        generate=Sampling(max_tokens=512),
    )


@register("smoke_thought")
def smoke_thought() -> Task:
    """Questions for a number, with room to think: right where the thought closes and an answer follows."""
    return Task(
        source=_rows("numbers"),
        question=answered,
        prompt=completion("{text}", target="{target}"),
        metrics=[accuracy(Ended(scorer=exact_match(read_number)))],
        generate=Sampling(max_tokens=2048),
    )


@register("smoke_tool")
def smoke_tool() -> Task:
    """Questions that take one function call, described in the prompt."""
    return Task(
        source=_rows("tools"),
        question=tool_question,
        prompt=completion(TOOL, target="{target}"),
        metrics=[accuracy(exact_match(first_match(r"get_weather\(\s*city\s*=\s*[\"'](\w+)[\"']\s*\)")))],
        generate=Sampling(max_tokens=1024),
    )


@dataclass(frozen=True)
class Says:
    """1 where the answer holds the gold word, in any case."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Look for the word."""
        words = sample.output.lower().replace("!", " ").replace(".", " ").replace(",", " ").split()
        return Verdict(float((question.target or "").lower() in words), sample.output.strip()[:80])


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Another scorer's value where the model ended its answer by itself, else 0."""

    scorer: Scorer

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Look at why generation ended, then score."""
        if sample.finish_reason == "length":
            return Verdict(0.0, explanation="It did not stop by itself.")
        return self.scorer.judge(question, sample)


def answered(row: Row) -> Question:
    """Take the text and the word or number that answers it."""
    return Question(id=row["id"], text=row["text"], target=row["answer"])


def tool_question(row: Row) -> Question:
    """Take the request and the call that it takes."""
    call = f'{row["function"]}({row["argument"]}="{row["value"]}")'
    return Question(id=row["id"], text=row["text"], target=call)


def _rows(name: str) -> Local:
    return Local(str(FOLDER / f"{name}.jsonl"))
