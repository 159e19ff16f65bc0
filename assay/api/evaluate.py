"""Evaluate a task from Python: in this process, or as a Prefect flow run."""

import os
from collections.abc import Mapping
from pathlib import PurePath

from assay.api import background
from assay.api.bar import watched
from assay.api.flow import evaluate_in_flow
from assay.api.models import Model, checkpoint_name, source_of
from assay.api.result import Result
from assay.redaction import hide
from harnesses.evaluation import pipeline
from harnesses.evaluation.job import Job
from harnesses.evaluation.progress import Progress
from harnesses.evaluation.spec import Spec
from harnesses.harness import Harness, load_harness
from harnesses.scaffolds.catalog import build_scaffold
from tasks_lib.options import apply_options
from tasks_lib.spec import resolve_task
from tasks_lib.task import Task

Setting = str | int | float | bool

SECRET = frozenset({"api_key"})
"""Settings that no record, log or flow parameter may hold."""


def evaluate(
    task: Task | str,
    model: Model,
    *,
    base_url: str | None = None,
    limit: int | None = None,
    harness: Harness | str = "plain",
    options: Mapping[str, Setting] | None = None,
    settings: Mapping[str, Setting] | None = None,
    training_run: str | None = None,
    step: int | None = None,
    max_failed: int = 0,
    fresh: bool = False,
    unsafe_local: bool = False,
    flow: bool | None = None,
    progress: bool = True,
) -> Result:
    """Evaluate a model on a task; returns the result, which is in the store as any run is.

    Args:
        task: A `Task`, or its spec, such as `gsm8k:5shot`.
        model: `provider:name`, such as `openai:my-model`; or a provider; or a function from the prompt to
            the model's text.
        base_url: Address of an OpenAI-compatible endpoint; the same as the setting `base_url`.
        limit: Ask a fixed random selection of so many questions.
        harness: How the task is run: a preset, a YAML file, or a `Harness`.
        options: Changes of the task, as `-o` takes them.
        settings: Settings of the provider, as `-M` takes them.
        training_run: The training run that the checkpoint belongs to.
        step: Its training step.
        max_failed: How many samples may fail before the run itself has failed.
        fresh: Ask every question again, whatever the response log holds.
        unsafe_local: Run programs without isolation where none is possible.
        flow: Run as a Prefect flow, seen in the UI like any other. Default: where `PREFECT_API_URL` is set.
        progress: Show a bar, in a terminal or a notebook.

    Raises:
        UsageError: A spec, an option or a setting is wrong.
        DataError: The data set cannot be used.
        ProviderError: The model cannot be asked.

    A run whose samples failed is returned too; its `status` says so.
    """
    provider_settings = {key: _text(value) for key, value in (settings or {}).items()}
    if base_url is not None:
        provider_settings["base_url"] = base_url
    spec = Spec(
        checkpoint=checkpoint_name(model),
        task=task if isinstance(task, str) else _task_name(task),
        harness=harness if isinstance(harness, str) else harness.name,
        settings=hide({key: value for key, value in provider_settings.items() if key not in SECRET}),
        overrides={key: _text(value) for key, value in (options or {}).items()},
        limit=limit,
        max_failed=max_failed,
        fresh=fresh,
        unsafe_local=unsafe_local,
        training_run=training_run,
        step=step,
        command="assay.evaluate",
    )
    loaded = load_harness(harness) if isinstance(harness, str) else harness
    named = resolve_task(task, {}) if isinstance(task, str) else task.with_(name=spec.task)
    job = Job(
        spec=spec,
        task=apply_options(named, spec.overrides),
        harness=loaded,
        scaffold=build_scaffold(loaded),
        model=source_of(model, spec.checkpoint, settings=provider_settings),
    )
    counters = Progress(spec.title)
    in_flow = bool(os.environ.get("PREFECT_API_URL")) if flow is None else flow
    run = evaluate_in_flow if in_flow else pipeline.evaluate
    return Result(watched(background.start(run(job, progress=counters)), counters, show=progress))


def _task_name(task: Task) -> str:
    """The task's own name, else that of its data set."""
    if task.name:
        return task.name
    path = getattr(task.source, "id", None) or getattr(task.source, "path", None)
    return PurePath(str(path)).stem if path else "task"


def _text(value: Setting) -> str:
    """A setting as the command line would give it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
