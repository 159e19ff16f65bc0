"""Keep keys out of what is stored: a run remembers its command and Prefect its parameters."""

import os
import re
from collections.abc import Mapping, Sequence

ENVIRONMENT = {"api_key": "OPENAI_API_KEY"}
KEY = re.compile(r"(api_key|token|password|secret)=\S+", re.IGNORECASE)
USER = re.compile(r"(//)[^/@\s]+@")


def hide_keys(settings: Mapping[str, str]) -> dict[str, str]:
    """Move keys from settings to this process's environment."""
    for name, variable in ENVIRONMENT.items():
        if name in settings:
            os.environ[variable] = settings[name]
    return {key: value for key, value in settings.items() if key not in ENVIRONMENT}


def redact(arguments: Sequence[str]) -> str:
    """Write a command without keys, users and passwords."""
    return USER.sub(r"\1***@", KEY.sub(r"\1=***", " ".join(["assay", *arguments])))
