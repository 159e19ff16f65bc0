"""What would be started, exactly: also where it takes a cluster that a test has not."""

import shlex
from pathlib import Path

import pytest

from assay.errors import BadSpec
from harnesses.providers.catalog import open_provider
from harnesses.providers.settings import read_settings
from harnesses.providers.vllm.plan import Adapter, Launch, Target, plan
from harnesses.providers.vllm.settings import VllmMissing, VllmSettings, check, conditions

TARGET = Target(name="step-100", model="/ckpt/step-100")
SERVE = "PY -m vllm.entrypoints.cli.main serve /ckpt/step-100 --generation-config vllm"
ALWAYS = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}


def read(**settings: str) -> VllmSettings:
    found = read_settings(settings, VllmSettings, provider="vllm")
    check(found)
    return found


def planned(*devices: str, target: Target = TARGET, **settings: str) -> Launch:
    return plan(target, read(**settings), python="PY", ports=[8001, 8002, 8003, 29500], devices=devices)


def lines(launch: Launch) -> list[str]:
    return [shlex.join(command.argv) for command in launch.commands]


def test_one_server() -> None:
    launch = planned()
    assert lines(launch) == [f"{SERVE} --served-model-name step-100 --host 127.0.0.1 --port 8001"]
    assert launch.commands[0].environment == ALWAYS
    assert launch.urls == ("http://127.0.0.1:8001/v1",)


@pytest.mark.parametrize(
    ("settings", "written"),
    [
        ({"tensor_parallel": "8"}, "--tensor-parallel-size 8"),
        (
            {"tensor_parallel": "4", "pipeline_parallel": "2"},
            "--tensor-parallel-size 4 --pipeline-parallel-size 2",
        ),
        (
            {"data_parallel": "8", "expert_parallel": "true"},
            "--data-parallel-size 8 --enable-expert-parallel",
        ),
        ({"quantization": "fp8", "dtype": "bfloat16"}, "--dtype bfloat16 --quantization fp8"),
        (
            {"max_model_len": "8192", "gpu_memory_utilization": "0.85", "enforce_eager": "true"},
            "--max-model-len 8192 --gpu-memory-utilization 0.85 --enforce-eager",
        ),
        (
            {"distributed_executor": "ray", "tensor_parallel": "16"},
            "--distributed-executor-backend ray --tensor-parallel-size 16",
        ),
        ({"args": "--swap-space 4 --chat-template-content-format 'string'"},
         "--swap-space 4 --chat-template-content-format string"),
    ],
)  # fmt: skip
def test_settings_become_arguments(settings: dict[str, str], written: str) -> None:
    assert lines(planned(**settings)) == [
        f"{SERVE} {written} --served-model-name step-100 --host 127.0.0.1 --port 8001"
    ]


def test_an_adapter_is_served_on_its_model() -> None:
    target = Target(name="lora-7", model="/ckpt/base", adapter=Adapter(folder="/ckpt/lora-7", rank=24))
    assert lines(planned(target=target)) == [
        "PY -m vllm.entrypoints.cli.main serve /ckpt/base --generation-config vllm --enable-lora"
        " --max-lora-rank 32 --lora-modules lora-7=/ckpt/lora-7"
        " --served-model-name lora-7-base --host 127.0.0.1 --port 8001"
    ]


def test_replicas_get_devices_and_ports_of_their_own() -> None:
    launch = planned("0", "1", "2", "3", replicas="2", tensor_parallel="2")
    assert [command.environment["CUDA_VISIBLE_DEVICES"] for command in launch.commands] == ["0,1", "2,3"]
    assert [command.argv[-1] for command in launch.commands] == ["8001", "8002"]
    assert launch.urls == ("http://127.0.0.1:8001/v1", "http://127.0.0.1:8002/v1")


def test_devices_that_cannot_be_shared_evenly_are_refused() -> None:
    with pytest.raises(BadSpec, match="3 devices cannot be shared evenly by 2"):
        planned("0", "1", "2", replicas="2")


NODES = f"{SERVE} --tensor-parallel-size 8 --pipeline-parallel-size 2 --nnodes 2"
PARALLEL = {"tensor_parallel": "8", "pipeline_parallel": "2", "nnodes": "2"}


def test_nodes_of_slurm_are_reached_by_srun() -> None:
    launch = planned(
        **PARALLEL,
        hosts="gpu1,gpu2",
        launcher="srun --overlap --nodes=1 --ntasks=1 --nodelist={host}",
        env="NCCL_SOCKET_IFNAME=ib0",
    )
    meeting = "--master-addr gpu1 --master-port 29500"
    assert lines(launch) == [
        f"{NODES} --node-rank 0 {meeting} --served-model-name step-100 --host 127.0.0.1 --port 8001",
        "srun --overlap --nodes=1 --ntasks=1 --nodelist=gpu2 env HF_HUB_OFFLINE=1 NCCL_SOCKET_IFNAME=ib0"
        f" VLLM_NO_USAGE_STATS=1 {NODES} --node-rank 1 {meeting} --served-model-name step-100 --headless",
    ]
    assert launch.commands[0].environment == {**ALWAYS, "NCCL_SOCKET_IFNAME": "ib0"}
    assert launch.urls == ("http://127.0.0.1:8001/v1",)


@pytest.mark.parametrize(
    ("rank", "end"),
    [
        ("0", "--served-model-name step-100 --host 127.0.0.1 --port 8001"),
        ("1", "--served-model-name step-100 --headless"),
    ],
)
def test_a_pod_of_a_leader_worker_set_starts_its_own_rank(rank: str, end: str) -> None:
    launch = planned(**PARALLEL, node_rank=rank, master_addr="lws-0.lws", master_port="20000")
    meeting = "--master-addr lws-0.lws --master-port 20000"
    assert lines(launch) == [f"{NODES} --node-rank {rank} {meeting} {end}"]


def test_nodes_without_hosts_are_processes_of_this_machine() -> None:
    launch = planned("0", "1", nnodes="2", tensor_parallel="2")
    assert [command.argv[-1] for command in launch.commands] == ["8001", "--headless"]
    assert [command.environment["CUDA_VISIBLE_DEVICES"] for command in launch.commands] == ["0", "1"]
    assert all("--master-addr 127.0.0.1" in line for line in lines(launch))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"nnodes": "2", "node_rank": "2"}, "no node_rank 2"),
        ({"nnodes": "2", "hosts": "a,b,c"}, "3 hosts"),
        ({"nnodes": "2", "hosts": "a,b"}, "nothing says how to start them"),
        ({"nnodes": "2", "distributed_executor": "ray"}, "Ray places the workers"),
        ({"nnodes": "2", "replicas": "2"}, "no further copies"),
        ({"mode": "offline", "replicas": "2"}, "offline mode"),
        ({"env": "NOTHING"}, "NAME=value"),
        ({"convert": "tool {checkpoint}"}, "{output}"),
        ({"chat_template": "/nowhere.jinja"}, "no chat template"),
        ({"tensor_parallel": "0"}, "tensor_parallel"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, str], said: str) -> None:
    with pytest.raises(BadSpec, match=said):
        planned(**settings)


def test_what_changes_no_answer_is_no_condition(tmp_path: Path) -> None:
    template = tmp_path / "t.jinja"
    template.write_text("{{ messages }}")
    plain = conditions(read(), api="chat")
    layout = read(tensor_parallel="8", replicas="4", enforce_eager="true", env="A=1", start_timeout="9")
    assert conditions(layout, api="chat") == plain
    for changed in (
        {"dtype": "float16"},
        {"quantization": "fp8"},
        {"max_model_len": "512"},
        {"args": "--rope-scaling x"},
        {"add_bos": "false"},
        {"chat_template": str(template)},
    ):
        assert conditions(read(**changed), api="chat") != plain
    assert conditions(read(), api="completions") != plain


def test_an_interpreter_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(VllmMissing, match=r"no interpreter '/nowhere/python'.*-M python="):
        open_provider("vllm:/ckpt", {"python": "/nowhere/python"})
