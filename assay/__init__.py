"""What users import: tasks, harnesses and records, each loaded when it is first asked for."""

from importlib import import_module

PUBLIC = {
    "ChoicePrompt": "tasks_lib.prompts",
    "CompletionPrompt": "tasks_lib.prompts",
    "Comparison": "assay.report.models",
    "Harness": "harnesses.harness",
    "Hub": "tasks_lib.sources",
    "Local": "tasks_lib.sources",
    "Metric": "tasks_lib.task",
    "Question": "assay.records",
    "Run": "assay.records",
    "Sampling": "assay.records",
    "Store": "assay.store.store",
    "Suite": "tasks_lib.suites.suite",
    "Task": "tasks_lib.task",
    "Verdict": "tasks_lib.task",
    "accuracy": "tasks_lib.metrics",
    "bits_per_byte": "tasks_lib.metrics",
    "choice_accuracy": "tasks_lib.metrics",
    "choice_letter": "tasks_lib.extract.letters",
    "cloze": "tasks_lib.prompts",
    "compare_runs": "assay.report.compare",
    "completion": "tasks_lib.prompts",
    "emit_checkpoint": "assay.events",
    "exact_match": "tasks_lib.scorers.text",
    "first_match": "tasks_lib.extract.patterns",
    "last_match": "tasks_lib.extract.patterns",
    "last_number": "tasks_lib.extract.numbers",
    "load": "tasks_lib.questions",
    "mcq": "tasks_lib.prompts",
    "pass_at": "tasks_lib.metrics",
    "register": "tasks_lib.registry",
    "register_suite": "tasks_lib.registry",
    "register_variant": "tasks_lib.registry",
    "resolve_task": "tasks_lib.spec",
    "suite": "tasks_lib.suites.suite",
}

__all__ = sorted(PUBLIC)  # noqa: PLE0605 - names of the table above


def __getattr__(name: str) -> object:
    if name not in PUBLIC:
        raise AttributeError(f"module 'assay' has no attribute {name!r}")
    return getattr(import_module(PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
