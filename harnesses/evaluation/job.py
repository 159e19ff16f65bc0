"""One evaluation to run, as values: what a spec names has been looked up, and nothing has been started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assay.fingerprint import fingerprint
from harnesses.evaluation.spec import Spec
from harnesses.harness import Harness, load_harness
from harnesses.providers.catalog import Opened, open_provider
from harnesses.scaffolds.catalog import SCAFFOLDS, build_scaffold
from harnesses.scaffolds.protocol import Scaffold
from harnesses.tools.catalog import TOOLS, load_tools
from tasks_lib.spec import resolve_task
from tasks_lib.task import Task


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """How the model under evaluation is opened."""

    key: str
    """Evaluations of one process whose models have the same key share one engine."""
    open: Callable[[], Opened]
    """Raises UsageError for a wrong spec or setting, without connecting to anything."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A task, a harness and a model, with the options of their evaluation."""

    spec: Spec
    task: Task
    harness: Harness
    scaffold: Scaffold
    model: ModelSource

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities that scorers and tools need of a sandbox."""
        return self.task.needs | self.scaffold.needs

    @property
    def harness_fingerprint(self) -> str:
        """Hash of what the harness can change of an answer, with the code of parts that are not Assay's."""
        foreign = [
            *(tool for name, tool in load_tools(self.harness.tools).items() if name not in TOOLS.builtin),
            *([] if self.harness.scaffold in SCAFFOLDS.builtin else [self.scaffold]),
        ]
        own = self.harness.fingerprint
        return fingerprint([own, *map(fingerprint, foreign)]) if foreign else own


def make_job(spec: Spec) -> Job:
    """Look up what a spec names; raises UsageError for whatever is wrong with it."""
    harness = load_harness(spec.harness)
    return Job(
        spec=spec,
        task=resolve_task(spec.task, spec.overrides),
        harness=harness,
        scaffold=build_scaffold(harness),
        model=model_source(spec.checkpoint, spec.settings),
    )


def model_source(checkpoint: str, settings: Mapping[str, str]) -> ModelSource:
    """The model that `provider:name` stands for, with the provider's settings."""
    return ModelSource(
        key=fingerprint([checkpoint, settings]), open=lambda: open_provider(checkpoint, settings)
    )
