"""Labels of questions by people, from a file."""

from pathlib import Path

import orjson
from pydantic import ValidationError

from assay.errors import BadSpec
from assay.report.sharpened import Label

SHAPE = 'Write one JSON object a line: {"question_id": "q1", "a": 1, "b": 0}, with "task" for several tasks.'


def read_labels(path: Path) -> list[Label]:
    """Read labels from a JSONL file; raises BadSpec naming the line that is wrong."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadSpec(
            f"The labels {str(path)!r} cannot be read: {error.strerror}.", remedy="Name a JSONL file."
        ) from error
    labels: dict[tuple[str | None, str], Label] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            label = Label.model_validate(orjson.loads(line.removeprefix(b"\xef\xbb\xbf")))
        except (orjson.JSONDecodeError, ValidationError) as error:
            raise BadSpec(f"Line {number} of {path.name} is no label.", remedy=SHAPE) from error
        if (label.task, label.question_id) in labels:
            raise BadSpec(
                f"Line {number} of {path.name} labels {label.question_id!r} again.", remedy="Keep one label."
            )
        labels[label.task, label.question_id] = label
    if not labels:
        raise BadSpec(f"{path.name} holds no label.", remedy=SHAPE)
    return list(labels.values())
