"""The benchmark's questions as a task of Inspect, read by its command and not by ours."""

from inspect_ai import Task, task  # type: ignore[import-not-found]
from inspect_ai.dataset import FieldSpec, json_dataset  # type: ignore[import-not-found]
from inspect_ai.scorer import match  # type: ignore[import-not-found]
from inspect_ai.solver import generate  # type: ignore[import-not-found]


@task  # type: ignore[untyped-decorator]
def number(file: str) -> Task:
    """Ask each question once; right is what ends on the number."""
    fields = FieldSpec(input="text", target="answer", id="id")
    return Task(dataset=json_dataset(file, fields), solver=generate(), scorer=match(numeric=True))
