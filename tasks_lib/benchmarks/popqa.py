"""PopQA: questions on entities of all degrees of fame (Mallen et al. 2023). MIT.

Source: `akariasai/PopQA`, which our mirror lacks. The authors' prompt and rule: an answer is right where it
holds one of the accepted names, as it is, in lower case or with a capital.
"""

import json

from assay.records import Question, Sampling
from tasks_lib.metrics import accuracy
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.scorers.trivia import MentionsAnswer
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task


@register("popqa")
def popqa() -> Task:
    """Short questions on entities, famous and obscure: the share of answers that hold an accepted name."""
    return Task(
        source=Hub("akariasai/PopQA", split="test"),
        question=question,
        prompt=completion("Q: {text} A:", turns=True),
        metrics=[accuracy(MentionsAnswer())],
        generate=Sampling(max_tokens=15, stop=("\n\n", "\nQ:")),
    )


def question(row: Row) -> Question:
    """Take the question, the object and its other names; questions on one relation are of one kind."""
    names = json.loads(row["possible_answers"])
    first, *others = list(dict.fromkeys(name for name in names if name))
    return Question(
        id=str(row["id"]),
        text=row["question"],
        target=first,
        aliases=tuple(others),
        fields={"relation": row.get("prop", "")},
    )
