"""What may be evaluated automatically: no announcement or form may run code, or send a key anywhere.

Whoever ran `assay up` decides: `--allow NAME=VALUE` admits a setting that could do harm, with this value.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from assay.errors import BadSpec
from assay.home import home
from assay.private import make_folder, read_own, write_own

ENDPOINTS = "ASSAY_ENDPOINTS"
"""Names endpoints that may be asked, with blanks or commas between them."""
CODE = frozenset({"scripted"})
"""Providers whose name is a program."""
HARMLESS = frozenset(
    {
        *("concurrency", "timeout", "rate_limit", "revision", "api", "logprobs", "add_bos", "prefix"),
        *("batch", "max_length", "max_model_len", "dtype", "device", "quantization", "mode", "base"),
        *("gpu_memory_utilization", "enforce_eager", "start_timeout", "replicas", "expert_parallel"),
        *("tensor_parallel", "pipeline_parallel", "data_parallel"),
    }
)
"""Settings that name no program, no address and no file of this machine."""


def admit(checkpoint: str, *, harness: str = "plain", settings: Mapping[str, str]) -> None:
    """Refuse what an operator has not allowed; raises BadSpec."""
    provider = checkpoint.partition(":")[0]
    if provider in CODE:
        raise BadSpec(
            f"A {provider} checkpoint is a program, which no announcement and no form may run.",
            remedy="Evaluate it yourself with `assay run`.",
        )
    permitted = allowed()
    if (Path(harness).suffix or os.sep in harness) and ("harness", harness) not in permitted:
        raise BadSpec(
            f"The harness file {harness!r} is not allowed here.",
            remedy=f"Name a harness of `assay harnesses`, or allow it: assay up --allow harness={harness}",
        )
    for name, value in settings.items():
        if name in HARMLESS or (name, _plain(value)) in permitted:
            continue
        raise BadSpec(
            f"The setting {name}={_shown(value)} is not allowed here, since it may run a program or send a"
            " key elsewhere.",
            remedy=f"Where it is wanted: assay up --allow {name}=VALUE",
        )


def allow(pairs: Sequence[tuple[str, str]]) -> None:
    """Note what is allowed from now on, in the place of what was."""
    make_folder(home())
    write_own(_file(), json.dumps([[name, _plain(value)] for name, value in pairs]))


def allowed() -> frozenset[tuple[str, str]]:
    """Return the settings that are allowed with their values."""
    try:
        kept = {(str(name), str(value)) for name, value in json.loads(read_own(_file()))}
    except (FileNotFoundError, ValueError, TypeError):
        kept = set()
    named = [*os.environ.get(ENDPOINTS, "").replace(",", " ").split(), os.environ.get("OPENAI_BASE_URL", "")]
    return frozenset(kept | {("base_url", _plain(address)) for address in named if address})


def _plain(value: str) -> str:
    return value.rstrip("/")


def _shown(value: str) -> str:
    """Write a value without what may be a secret."""
    parts = urlsplit(value)
    if not parts.netloc:
        return repr(value)
    return repr(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl())


def _file() -> Path:
    return home() / "allowed.json"
