"""Keep secrets out of all that leaves the process: what is stored, logged, shown and passed to Prefect.

`redact` writes a text without what looks like a secret. `hide` takes secrets out of settings before they
travel, and `reveal` puts them back in this process, where they are used.
"""

import os
import re
from collections.abc import Mapping

ENVIRONMENT = {"api_key": "OPENAI_API_KEY"}
"""Settings that travel as variables of this process."""
HIDDEN = "***"
STEMS = r"api[_-]?key|access[_-]?key|secret|token(?!s|iz)|passw(?:or)?d|credential|auth[_-]?string"
WORDS = rf"[\w.-]*(?:{STEMS})[\w.-]*"
RULES = (
    # The user of an address, and what stands in its query.
    (re.compile(r"(?<=://)[^/@\s'\"]+@"), f"{HIDDEN}@"),
    (re.compile(r"([?&])(?!api-version=)([\w.~%-]+)=[^&\s'\"#]+"), rf"\1\2={HIDDEN}"),
    # Words of a protocol.
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{4,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # NAME=value, --name value, "name": "value"; the value may be quoted.
    (
        re.compile(
            rf"(?<![\w?&])(-{{0,2}}{WORDS}['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;&}})\]]+)", re.I
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(rf"(--?{WORDS}\s+)(?:'[^']*'|\"[^\"]*\"|\S+)", re.I), rf"\1{HIDDEN}"),
    # Keys that say what they are.
    (re.compile(r"\b(sk-|hf_|gh[pousr]_|xox[abpr]-|AKIA|AIza)[\w-]{8,}"), rf"\1{HIDDEN}"),
)
_hidden: dict[tuple[str, str], str] = {}


def redact(text: str) -> str:
    """Write a text with `***` for users and queries of addresses, keys, tokens and passwords."""
    for rule, shown in RULES:
        text = rule.sub(shown, text)
    return text


def hide(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings without secrets, which this process keeps to itself."""
    kept = {}
    for name, value in settings.items():
        if name in ENVIRONMENT:
            os.environ[ENVIRONMENT[name]] = value
        else:
            kept[name] = redact(value)
            _hidden[name, kept[name]] = value
    return kept


def reveal(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings with the secrets that `hide` has taken out in this process."""
    return {name: _hidden.get((name, value), value) for name, value in settings.items()}
