"""A task of numbers, written into a folder of its own; its rows lie beside it, to be spoilt by tests."""

from pathlib import Path

import orjson

SOURCE = '''
from assay import CompletionPrompt, Local, Question, Sampling, Task
from assay import accuracy, exact_match, last_number, register


@register("digits")
def digits() -> Task:
    """Last digits, for a test."""
    return Task(
        source=Local({rows!r}),
        question=lambda row: Question(id=row["id"], text=row["text"], target=row["answer"]),
        prompt=CompletionPrompt(template="{{text}}"),
        metrics=[accuracy(exact_match(last_number))],
        generate=Sampling(max_tokens=8),
    )
'''


def rows(count: int) -> str:
    """Questions q0, q1, ... whose answer is their last digit."""
    made = [{"id": f"q{i}", "text": f"Question {i}?", "answer": str(i % 10)} for i in range(count)]
    return "".join(f"{orjson.dumps(row).decode()}\n" for row in made)


def write_digits(folder: Path, *, count: int) -> Path:
    """Write the task `digits` and its `rows.jsonl`."""
    (folder / "rows.jsonl").write_text(rows(count))
    (folder / "digits_task.py").write_text(SOURCE.format(rows=str(folder / "rows.jsonl")))
    return folder
