"""The exact commands that serve a checkpoint, one for each rank of each replica: settings in, values out.

Nothing is looked up here, so what a cluster would be told is the same on any machine:
`python -m harnesses.providers.vllm PATH key=value ...` prints it.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.errors import BadSpec
from harnesses.providers.vllm.settings import VllmSettings

HOST = "127.0.0.1"
SERVE = ("-m", "vllm.entrypoints.cli.main", "serve")
"""Rather than the script `vllm`, which lies in no fixed place beside the interpreter."""
LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Those that vLLM can be told to make room for."""
DEVICES = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A LoRA adapter served on top of a model."""

    folder: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is served, and under which name."""

    name: str
    model: str
    """Folder of the weights."""
    adapter: Adapter | None = None


@dataclass(frozen=True, kw_only=True)
class Command:
    """One process: what it is called in messages, its arguments, what its environment has beside ours."""

    label: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]

    def __str__(self) -> str:
        """Write it as a shell would read it."""
        return shlex.join([*(f"{k}={v}" for k, v in sorted(self.environment.items())), *self.argv])


@dataclass(frozen=True, kw_only=True)
class Launch:
    """All processes of a checkpoint, and the address of each replica's API."""

    commands: tuple[Command, ...]
    urls: tuple[str, ...]


def plan(
    target: Target, settings: VllmSettings, *, python: str, ports: Sequence[int], devices: Sequence[str] = ()
) -> Launch:
    """Write the commands; `ports` holds one for each replica, and one more for several nodes to meet at.

    `devices` are those this process may use; replicas and ranks of this machine get a share each.
    """
    if settings.nnodes == 1:
        commands = [
            Command(
                label=f"replica {number}" if settings.replicas > 1 else "server",
                argv=(python, *SERVE, *_model(target, settings), *_api(target, ports[number])),
                environment=_environment(settings, _share(devices, number, settings.replicas)),
            )
            for number in range(settings.replicas)
        ]
    else:
        commands = [
            _rank(target, settings, rank, python=python, ports=ports, devices=devices)
            for rank in _ranks(settings)
        ]
    urls = tuple(f"http://{HOST}:{ports[number]}/v1" for number in range(settings.replicas))
    return Launch(commands=tuple(commands), urls=urls)


def _ranks(settings: VllmSettings) -> Sequence[int]:
    """List the ranks that are started from here."""
    if settings.node_rank is not None:
        return (settings.node_rank,)
    if len(set(settings.host_names)) > 1 and not settings.launcher:
        raise BadSpec(
            "The ranks lie on other machines, and nothing says how to start them there.",
            remedy="Give -M launcher='srun --nodelist={host} ...', or start each rank with -M node_rank=...",
        )
    return range(settings.nnodes)


def _rank(
    target: Target,
    settings: VllmSettings,
    rank: int,
    *,
    python: str,
    ports: Sequence[int],
    devices: Sequence[str],
) -> Command:
    """Write the command of one node; rank 0 has the API, the others only work."""
    hosts = settings.host_names
    meeting = settings.master_addr or (hosts[0] if hosts else HOST)
    place = ("--nnodes", settings.nnodes, "--node-rank", rank, "--master-addr", meeting,
             "--master-port", settings.master_port or ports[-1])  # fmt: skip
    last = _api(target, ports[0]) if rank == 0 else ("--served-model-name", target.name, "--headless")
    argv = (python, *SERVE, *_model(target, settings), *map(str, place), *last)
    elsewhere = rank > 0 and bool(settings.launcher)
    here = settings.node_rank is None and not settings.launcher
    environment = dict(_environment(settings, _share(devices, rank, settings.nnodes) if here else ()))
    if elsewhere:
        before = settings.launcher.format(host=hosts[rank] if hosts else "", rank=rank)
        told = [f"{name}={value}" for name, value in sorted(environment.items())]
        argv, environment = (*shlex.split(before), "env", *told, *argv), {}
    return Command(label=f"rank {rank}", argv=argv, environment=environment)


def offline(target: Target, settings: VllmSettings) -> Mapping[str, object]:
    """Write what `vllm.LLM` is given where there is no server; see `engine.py`."""
    adapter, template = target.adapter, settings.chat_template
    wanted: dict[str, object] = {
        "model": target.model,
        "served_model_name": target.name,
        "generation_config": "vllm",
        "dtype": settings.dtype,
        "quantization": settings.quantization,
        "max_model_len": settings.max_model_len,
        "gpu_memory_utilization": settings.gpu_memory_utilization,
        "distributed_executor_backend": settings.distributed_executor,
        "enforce_eager": settings.enforce_eager or None,
        "enable_expert_parallel": settings.expert_parallel or None,
        "tensor_parallel_size": settings.tensor_parallel,
        "pipeline_parallel_size": settings.pipeline_parallel,
        "chat_template": template and template.read_text(),
        "adapter": adapter and adapter.folder,
        "enable_lora": True if adapter else None,
        "max_lora_rank": _room(adapter) if adapter else None,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _room(adapter: Adapter) -> int:
    return next((rank for rank in LORA_RANKS if rank >= adapter.rank), adapter.rank)


def _model(target: Target, settings: VllmSettings) -> tuple[str, ...]:
    """Write what is loaded and how; sampling comes from the task, not from the checkpoint's defaults."""
    found: list[object] = [target.model, "--generation-config", "vllm"]
    options = {
        "--dtype": settings.dtype,
        "--quantization": settings.quantization,
        "--max-model-len": settings.max_model_len,
        "--gpu-memory-utilization": settings.gpu_memory_utilization,
        "--chat-template": settings.chat_template and settings.chat_template.absolute(),
        "--distributed-executor-backend": settings.distributed_executor,
    }
    for option, value in options.items():
        if value is not None:
            found += [option, value]
    sizes = {
        "--tensor-parallel-size": settings.tensor_parallel,
        "--pipeline-parallel-size": settings.pipeline_parallel,
        "--data-parallel-size": settings.data_parallel,
    }
    for option, size in sizes.items():
        if size > 1:
            found += [option, size]
    if settings.expert_parallel:
        found.append("--enable-expert-parallel")
    if settings.enforce_eager:
        found.append("--enforce-eager")
    if (adapter := target.adapter) is not None:
        found += [
            "--enable-lora",
            "--max-lora-rank",
            _room(adapter),
            "--lora-modules",
            f"{target.name}={adapter.folder}",
        ]
    return (*map(str, found), *shlex.split(settings.args))


def _api(target: Target, port: int) -> tuple[str, ...]:
    """Write where the server listens, and under which name the model is asked for."""
    name = f"{target.name}-base" if target.adapter else target.name
    return ("--served-model-name", name, "--host", HOST, "--port", str(port))


def _environment(settings: VllmSettings, devices: Sequence[str]) -> Mapping[str, str]:
    shared = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    own = {DEVICES: ",".join(devices)} if devices else {}
    return {**shared, **own, **settings.environment}


def _share(devices: Sequence[str], number: int, shares: int) -> Sequence[str]:
    """Give one of several processes its part of the devices; all of them where they cannot be parted."""
    size, rest = divmod(len(devices), shares)
    if shares == 1 or not devices:
        return ()
    if rest or not size:
        raise BadSpec(
            f"{len(devices)} devices cannot be shared evenly by {shares} processes.",
            remedy=f"Name a multiple of {shares} of them in {DEVICES}.",
        )
    return devices[number * size : (number + 1) * size]
