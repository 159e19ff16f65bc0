"""What may stand for a model in Python: a spec, a provider, or a function."""

from collections.abc import Mapping
from typing import TypeGuard, cast

from assay.errors import BadSpec
from assay.fingerprint import fingerprint
from harnesses.evaluation.job import ModelSource, model_source
from harnesses.providers.catalog import Opened
from harnesses.providers.function import FunctionProvider, ModelFunction
from harnesses.providers.protocol import Provider
from harnesses.providers.settings import Settings, read_settings

Model = str | Provider | ModelFunction


class _Borrowed:
    """A provider that belongs to the caller, who closes it."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> object:
        return getattr(self._provider, name)

    async def aclose(self) -> None:
        """Leave the provider open."""


def checkpoint_name(model: Model) -> str:
    """The name under which a model is recorded, as `provider:name`; raises BadSpec for what is no model."""
    if isinstance(model, str):
        return model
    if _is_provider(model):
        return model.name
    if callable(model):
        return f"function:{getattr(model, '__name__', type(model).__name__)}"
    raise BadSpec(
        f"A {type(model).__name__} is no model.",
        remedy="Pass `provider:name`, a provider, or a function from the prompt to the text.",
    )


def source_of(model: Model, name: str, *, settings: Mapping[str, str]) -> ModelSource:
    """How the model of that name is opened for an evaluation."""
    if isinstance(model, str):
        return model_source(model, settings)

    def opened() -> Opened:
        engine_settings = read_settings(settings, Settings, provider=name.partition(":")[0])
        if _is_provider(model):
            return Opened(cast("Provider", _Borrowed(model)), engine_settings)
        return Opened(FunctionProvider(cast("ModelFunction", model)), engine_settings)

    return ModelSource(key=fingerprint([name, settings, id(model)]), open=opened)


def _is_provider(model: object) -> TypeGuard[Provider]:
    return hasattr(model, "complete") and hasattr(model, "checkpoint")
