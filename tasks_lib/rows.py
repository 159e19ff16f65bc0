"""How rows of the shapes that several data sets share become questions."""

from assay.records import Question
from tasks_lib.task import Row


def labelled_question(row: Row, *, text: str) -> Question:
    """Take choices with labels, the answer among them: a letter or a digit; ARC's shape."""
    choices = row["choices"]
    return Question(
        id=str(row["id"]),
        text=text,
        choices=tuple(choices["text"]),
        answer=list(choices["label"]).index(row["answerKey"].strip()),
    )
