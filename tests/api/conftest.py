"""A task of sums, and a home whose records are checked by one warm process."""

from pathlib import Path

import orjson
import pytest

import assay


@pytest.fixture
def sums(tmp_path: Path, contracts_process: None) -> assay.Task:
    """Sixty sums, scored on the last number."""
    file = tmp_path / "sums.jsonl"
    rows = ({"text": f"{i} + {i}?", "answer": str(2 * i)} for i in range(60))
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return assay.Task(
        source=assay.Local(str(file)),
        question=lambda row: assay.Question(text=row["text"], target=row["answer"]),
        prompt=assay.completion("Question: {text}\nAnswer:"),
        metrics=[assay.accuracy(assay.exact_match(assay.last_number))],
    )


def right(prompt: str) -> str:
    return f"It is {2 * int(prompt.split()[1])}."


def often_right(prompt: str) -> str:
    number = int(prompt.split()[1])
    return f"It is {2 * number if number % 3 else number + 1}."
