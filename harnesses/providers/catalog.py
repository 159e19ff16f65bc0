"""Which providers there are, each loaded when it is chosen."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import NamedTuple

from assay.errors import BadSpec, UnknownName
from harnesses.providers.protocol import Provider
from harnesses.providers.settings import Settings

GROUP = "assay.providers"
PROVIDERS = {
    "openai": "harnesses.providers.openai_http.provider",
    "vllm": "harnesses.providers.vllm.provider",
    "hf": "harnesses.providers.hf.provider",
    "embedded": "harnesses.providers.embedded.provider",
    "replay": "harnesses.providers.replay",
    "scripted": "harnesses.providers.scripted",
}
"""Modules with `open_provider(name, settings) -> Opened`."""


class Opened(NamedTuple):
    """A provider with the settings that are the engine's."""

    provider: Provider
    settings: Settings


def open_provider(spec: str, settings: Mapping[str, str]) -> Opened:
    """Open the provider that `provider:name` asks for; raises UnknownName, BadSpec and ProviderError."""
    kind, colon, name = spec.partition(":")
    others = {entry.name: entry for entry in entry_points(group=GROUP)}
    if not colon or not name:
        raise BadSpec(
            f"The checkpoint {spec!r} names no provider.",
            remedy=f"Write provider:name, such as embedded:FOLDER; providers are {', '.join(PROVIDERS)}.",
        )
    if kind not in PROVIDERS and kind not in others:
        raise UnknownName("provider", kind, [*PROVIDERS, *others])
    module = import_module(PROVIDERS[kind]) if kind in PROVIDERS else others[kind].load()
    opened: Opened = module.open_provider(name, settings)
    return opened


def check_settings(spec: str, settings: Mapping[str, str]) -> None:
    """Refuse a spec or settings that are wrong before anything is started; raises UsageError."""
    open_provider(spec, settings)
