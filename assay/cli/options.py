"""Options that several commands share, and how their values are read."""

from collections.abc import Sequence

import typer

from assay.errors import BadSpec

Json = typer.Option(False, "--json", help="Print one JSON object on standard output and nothing else.")


def read_settings(pairs: Sequence[str], *, flag: str) -> dict[str, str]:
    """Read repeated `key=value` options."""
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise BadSpec(f"{flag} takes key=value, not {pair!r}.", remedy=f"For example: {flag} key=value")
        settings[key] = value
    return settings
