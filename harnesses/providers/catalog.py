"""Which providers there are, each loaded when it is chosen."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, cast

from assay.errors import BadSpec
from assay.extensions import Extensions
from assay.redaction import reveal
from harnesses.providers.protocol import Provider
from harnesses.providers.settings import Settings

PROVIDERS = Extensions(
    kind="provider",
    group="assay.providers",
    builtin={
        "openai": "harnesses.providers.openai_http.provider:open_provider",
        "vllm": "harnesses.providers.vllm.provider:open_provider",
        "hf": "harnesses.providers.hf.provider:open_provider",
        "embedded": "harnesses.providers.embedded.provider:open_provider",
        "replay": "harnesses.providers.replay:open_provider",
        "scripted": "harnesses.providers.scripted:open_provider",
    },
)


class Opened(NamedTuple):
    """A provider with the settings that are the engine's."""

    provider: Provider
    settings: Settings


class OpenProvider(Protocol):
    """What an entry point of `assay.providers` names."""

    def __call__(self, name: str, settings: Mapping[str, str]) -> Opened:
        """Open the provider of a model by its name and `-M` settings; raises BadSpec and ProviderError."""
        ...


def open_provider(spec: str, settings: Mapping[str, str]) -> Opened:
    """Open the provider that `provider:name` asks for; raises UnknownName, BadSpec and ProviderError."""
    kind, colon, name = spec.partition(":")
    if not colon or not name:
        known = ", ".join(PROVIDERS.names())
        raise BadSpec(
            f"The checkpoint {spec!r} names no provider.",
            remedy=f"Write provider:name, such as embedded:FOLDER; providers are {known}.",
        )
    build = cast("OpenProvider", PROVIDERS.load(kind))
    return build(name, reveal(settings))


def check_settings(spec: str, settings: Mapping[str, str]) -> None:
    """Refuse a spec or settings that are wrong before anything is started; raises UsageError."""
    open_provider(spec, settings)
