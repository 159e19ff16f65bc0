"""CoQA: a conversation about a passage (Reddy et al. 2019)."""

from collections.abc import Iterator
from dataclasses import dataclass

from assay.records import Question, Sampling
from tasks_lib.metrics import answer_metrics
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

OLMES_INTRO = (
    "Below is a passage followed by a conversation so far, where each turn in the conversation contains a "
    "question and an answer. Please answer the final question by referring to the passage and the previous "
    "questions.\n\n"
)


@register("coqa")
def coqa() -> Task:
    """The next question of a conversation about a passage, given the answers so far."""
    return Task(
        source=Turns("EleutherAI/coqa", split="validation"),
        question=question,
        prompt=completion(
            "Passage: {story}\n\n{preceding}Final question:\n\nQuestion: {text}\nAnswer:",
            description=OLMES_INTRO,
        ),
        metrics=answer_metrics(),
        generate=Sampling(max_tokens=50, stop=("\n\n",)),
    )


@register_variant("coqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: the same prompt, F1."""
    exact, overlap = task.metrics
    return task.with_(metrics=[overlap, exact])


@dataclass(frozen=True)
class Turns(Hub):
    """Each turn of each conversation as a row, with the turns before it."""

    def rows(self) -> Iterator[Row]:
        """Yield one row a turn; raises DataError."""
        for row in super().rows():
            questions, answers = row["questions"]["input_text"], row["answers"]["input_text"]
            others = [other["input_text"] for _, other in sorted(row["additional_answers"].items())]
            for turn, (text, answer) in enumerate(zip(questions, answers, strict=True)):
                yield {
                    "id": f"{row['id']}_turn{turn}",
                    "conversation": row["id"],
                    "story": row["story"],
                    "before": list(zip(questions[:turn], answers[:turn], strict=True)),
                    "question": text,
                    "answers": [answer, *(other[turn] for other in others)],
                }


def question(row: Row) -> Question:
    """Take the question with all annotators' answers; the turns of a conversation are a cluster."""
    first, *others = row["answers"]
    turns = "".join(f"Question: {text}\nAnswer: {answer}\n\n" for text, answer in row["before"])
    return Question(
        id=row["id"],
        text=row["question"],
        target=first,
        aliases=tuple(others),
        cluster=row["conversation"],
        fields={"story": row["story"], "preceding": f"Preceding questions:\n\n{turns}" if turns else ""},
    )
