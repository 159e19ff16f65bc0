"""Options that several commands share, and how their values are read."""

from collections.abc import Sequence

import typer

from assay.errors import BadSpec

CHECKPOINT = "A checkpoint (demo@250, demo@latest, a name that `assay runs` shows) or a run's id."
RUN = "Run: its id or the beginning of it, or CHECKPOINT@TASK such as demo@latest@gsm8k."

Json = typer.Option(False, "--json", help="Print one JSON object on standard output and nothing else.")
Verbose = typer.Option(False, "--verbose", help="Name the part of the documents that has each formula.")


def read_settings(pairs: Sequence[str], *, flag: str) -> dict[str, str]:
    """Read repeated `key=value` options."""
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise BadSpec(f"{flag} takes key=value, not {pair!r}.", remedy=f"For example: {flag} key=value")
        settings[key] = value
    return settings


def read_size(text: str, *, flag: str) -> float:
    """Read a difference: `1pp` (percentage points) or a fraction such as `0.01`; raises BadSpec."""
    number = text.strip().removesuffix("pp").strip()
    try:
        value = float(number) / (100 if text.strip().endswith("pp") else 1)
    except ValueError as error:
        raise BadSpec(
            f"{flag} takes the size of a difference, not {text!r}.",
            remedy=f"Write {flag} 1pp, or {flag} 0.01.",
        ) from error
    if not 0 < value < 1:
        raise BadSpec(
            f"{flag} {text} is no difference that scores can have.",
            remedy="Write something between 0 and 100pp.",
        )
    return value
