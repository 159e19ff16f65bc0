"""What `-M` takes for `vllm:PATH`, and which of it can change an answer."""

import os
import shlex
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from assay.errors import BadSpec, UsageError
from assay.fingerprint import file_digest
from harnesses.providers.openai_http.settings import Api, Route
from harnesses.providers.settings import Settings

PLACEHOLDERS = ("{checkpoint}", "{output}")


class VllmMissing(UsageError):
    """Raise when no interpreter with vLLM is known."""


class VllmSettings(Settings):
    """How vLLM is started for a checkpoint, and how it is asked."""

    python: str = ""
    """Interpreter of the environment with vLLM; else this one."""
    mode: Literal["serve", "offline"] = "serve"
    """A server, or vLLM's own batching of whole lists in a process of ours."""
    revision: str | None = None
    """Of a model of the Hub."""
    base: str | None = None
    """The model that an adapter (LoRA) belongs to; else what the adapter names."""
    convert: str | None = None
    """Command that turns another format into one that vLLM loads, with {checkpoint} and {output}."""
    start_timeout: float = Field(default=1800.0, gt=0)
    """Seconds in which the server must answer."""

    api: Api | None = None
    """`chat` or `completions`; else guessed from the name and whether there is a chat template."""
    chat_template: Path | None = None
    """File of the template to use instead of the checkpoint's."""
    add_bos: bool | None = None
    """Whether scored texts begin with the tokenizer's BOS; else as the tokenizer does."""
    logprobs: Route = "auto"
    batch: int = Field(default=16, gt=0)
    """How many continuations are scored in one request."""

    dtype: str | None = None
    quantization: str | None = None
    max_model_len: int | None = Field(default=None, gt=1)
    gpu_memory_utilization: float | None = Field(default=None, gt=0, le=1)
    enforce_eager: bool = False
    args: str = ""
    """Further arguments of `vllm serve`, as a shell would read them; part of the conditions."""
    env: str = ""
    """Environment of the server, `NAME=value` as a shell would read them; no part of the conditions."""

    replicas: int = Field(default=1, gt=0)
    """Servers of this checkpoint, each on devices of its own."""
    tensor_parallel: int = Field(default=1, gt=0)
    pipeline_parallel: int = Field(default=1, gt=0)
    data_parallel: int = Field(default=1, gt=0)
    expert_parallel: bool = False
    distributed_executor: Literal["mp", "ray"] | None = None
    """`ray` has vLLM place its workers on a Ray cluster that runs."""

    nnodes: int = Field(default=1, gt=0)
    """Machines that hold one copy of the model together."""
    node_rank: int | None = Field(default=None, ge=0)
    """Start this rank alone, because something else starts the others; else all are started from here."""
    hosts: str = ""
    """Names of the machines, by commas, the first of which is this one."""
    launcher: str = ""
    """Command put before that of another machine's rank, with {host} and {rank}, such as `srun ...`."""
    master_addr: str | None = None
    """Where rank 0 is reached by the others; else the first of the hosts, else loopback."""
    master_port: int | None = Field(default=None, gt=0)

    @field_validator("args", "env", "convert", "launcher")
    @classmethod
    def _reads_as_shell(cls, value: str | None, info: ValidationInfo) -> str | None:
        words = shlex.split(value or "")
        if info.field_name == "env" and not all(word.partition("=")[1] and word[0] != "=" for word in words):
            raise ValueError("write NAME=value, with blanks between several")
        if info.field_name == "convert" and value and not all(part in value for part in PLACEHOLDERS):
            raise ValueError(f"name both {' and '.join(PLACEHOLDERS)}")
        return value

    @property
    def environment(self) -> Mapping[str, str]:
        """What `env` says, as a mapping."""
        return dict(word.split("=", 1) for word in shlex.split(self.env))

    @property
    def host_names(self) -> tuple[str, ...]:
        """What `hosts` says, as names."""
        return tuple(name.strip() for name in self.hosts.split(",") if name.strip())


def conditions(settings: VllmSettings, *, api: Api) -> Mapping[str, str]:
    """List what can change an answer: not where weights lie, on how many devices or how they are compiled.

    The longest prompt is among them, for it decides what a long context loses on its left.
    """
    bos = settings.add_bos
    found = {"backend": "vllm", "api": api, "add_bos": "as the tokenizer" if bos is None else str(bos)}
    if settings.mode != "serve":
        found["mode"] = settings.mode
    for name in ("dtype", "quantization", "max_model_len", "args"):
        if (value := getattr(settings, name)) not in {None, ""}:
            found[name] = str(value)
    if settings.chat_template is not None:
        found["chat_template"] = file_digest(settings.chat_template)
    return found


def check(settings: VllmSettings) -> None:
    """Refuse settings that contradict each other; raises BadSpec."""
    ranks = settings.nnodes
    if settings.node_rank is not None and settings.node_rank >= ranks:
        raise BadSpec(f"There is no node_rank {settings.node_rank} of {ranks} nodes: ranks count from 0.")
    if settings.host_names and len(settings.host_names) != ranks:
        raise BadSpec(f"{len(settings.host_names)} hosts are named for nnodes={ranks}.")
    if ranks > 1 and settings.distributed_executor == "ray":
        raise BadSpec(
            "Ray places the workers itself.", remedy="Leave out nnodes, or distributed_executor=ray."
        )
    if ranks > 1 and (settings.data_parallel > 1 or settings.replicas > 1):
        raise BadSpec(
            "One copy of the model lies on several nodes, so there can be no further copies beside it.",
            remedy="Leave out nnodes, or data_parallel and replicas.",
        )
    if settings.mode == "offline" and (settings.replicas > 1 or ranks > 1 or settings.data_parallel > 1):
        raise BadSpec("The offline mode has one engine in one process.", remedy="Use mode=serve.")
    if settings.mode == "offline" and settings.args:
        raise BadSpec("The offline mode takes no -M args=..., which are those of `vllm serve`.")
    if settings.chat_template is not None and not settings.chat_template.is_file():
        raise BadSpec(f"There is no chat template {str(settings.chat_template)!r}.")


def interpreter(settings: VllmSettings) -> str:
    """Return the interpreter that vLLM runs under; raises VllmMissing."""
    if settings.python:
        path = Path(settings.python).expanduser().absolute()
        if not os.access(path, os.X_OK) or path.is_dir():
            raise VllmMissing(
                f"There is no interpreter {settings.python!r}.",
                remedy="Name the python of an environment with vLLM, such as -M python=vllm-env/bin/python.",
            )
        return str(path)
    if find_spec("vllm") is None:
        raise VllmMissing(
            "vLLM is not installed beside Assay.",
            remedy="Name the interpreter of an environment that has it with -M python=..., "
            "or pip install 'assay-eval[vllm]'.",
        )
    return sys.executable
