"""The demo's tasks: what a tiny model can learn in seconds, one of each kind of task."""

from assay.records import Question, Sampling
from tasks_lib.demo.files import path
from tasks_lib.extract.patterns import whole
from tasks_lib.metrics import accuracy, bits_per_byte, choice_accuracy, pass_at
from tasks_lib.prompts import GoldPrompt, cloze, completion
from tasks_lib.registry import register
from tasks_lib.scorers.program import PassesTests, TestedProgram
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import Local
from tasks_lib.task import Row, Task


@register("demo_words")
def demo_words() -> Task:
    """Words repeated or turned round, scored on the word (generates text)."""
    return Task(
        source=Local(path("say")),
        question=lambda row: Question(id=row["id"], text=row["text"], target=row["answer"]),
        prompt=completion("{text}"),
        metrics=[accuracy(exact_match(whole))],
        generate=Sampling(max_tokens=8, stop=("\n",)),
    )


@register("demo_letters")
def demo_letters() -> Task:
    """Words with each letter moved on, the likeliest of four choices (multiple choice)."""
    return Task(
        source=Local(path("choose")),
        question=choice_question,
        prompt=cloze("{text}"),
        metrics=[choice_accuracy()],
    )


@register("demo_stories")
def demo_stories() -> Task:
    """Sentences never seen, in bits per byte (lower is better)."""
    prompt = GoldPrompt(inner=completion("{text}"))
    return Task(
        source=Local(path("tell")),
        question=lambda row: Question(id=row["id"], text=row["text"], target=row["rest"]),
        prompt=prompt,
        metrics=[bits_per_byte(prompt)],
    )


@register("demo_code")
def demo_code() -> Task:
    """One-line functions, judged by running their tests (needs a sandbox)."""
    return Task(
        source=Local(path("code")),
        question=code_question,
        prompt=completion("{text}", target="{target}"),
        metrics=pass_at(PassesTests(assemble=program), 1),
        generate=Sampling(max_tokens=12, stop=("\n",)),
    )


def choice_question(row: Row) -> Question:
    """Take the text, the choices and the place of the right one."""
    return Question(id=row["id"], text=row["text"], choices=tuple(row["choices"]), answer=row["answer"])


def code_question(row: Row) -> Question:
    """Take the prompt, the solution and the tests."""
    return Question(id=row["id"], text=row["prompt"], target=row["solution"], fields={"test": row["test"]})


def program(question: Question, output: str) -> TestedProgram:
    """Put prompt, completion and tests together."""
    return TestedProgram(question.text + output, str(question.fields["test"]))
