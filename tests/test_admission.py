"""What an announcement or a form may ask for, and what only who runs `assay up` may."""

import stat
from pathlib import Path

import pytest

from assay.admission import admit, allow
from assay.errors import BadSpec
from flows.checkpoint import evaluate_checkpoint


def test_what_names_no_program_and_no_address_is_evaluated() -> None:
    admit("openai:m", settings={"concurrency": "8", "revision": "main"})
    admit("embedded:/checkpoints/1", harness="react", settings={})


@pytest.mark.anyio
async def test_a_program_is_never_run_for_an_event(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    file = tmp_path / "evil.py"
    file.write_text(f"open({str(mark)!r}, 'w')\ndef complete(call): return ''\n")
    with pytest.raises(BadSpec, match="no announcement and no form may run"):
        await evaluate_checkpoint.fn(f"scripted:{file}")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "http://evil.example/v1"),
        ("convert", "rm -rf {checkpoint} {output}"),
        ("python", "/home/evil/python"),
        ("args", "--trust-remote-code"),
        ("env", "LD_PRELOAD=/home/evil.so"),
        ("launcher", "sh -c"),
        ("trust_remote_code", "true"),
        ("chat_template", "/etc/passwd"),
    ],
)
def test_what_may_run_a_program_or_take_a_key_away_needs_an_operator(name: str, value: str) -> None:
    with pytest.raises(BadSpec, match="assay up --allow"):
        admit("vllm:m", settings={name: value})
    allow([(name, value)])
    admit("vllm:m", settings={name: value})
    with pytest.raises(BadSpec, match="is not allowed here"):
        admit("vllm:m", settings={name: value + "x"})


@pytest.mark.parametrize("harness", ["/home/evil/h.yaml", "h.yml", "../../evil"])
def test_a_harness_is_named_and_not_read_from_any_file(harness: str) -> None:
    with pytest.raises(BadSpec, match="harness file"):
        admit("openai:m", harness=harness, settings={})


def test_the_endpoints_of_the_environment_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_ENDPOINTS", "http://a/v1, http://b/v1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://c/v1/")
    for address in ("http://a/v1", "http://b/v1/", "http://c/v1"):
        admit("openai:m", settings={"base_url": address})
    with pytest.raises(BadSpec) as caught:
        admit("openai:m", settings={"base_url": "http://me:pw@a/v1?key=k1"})
    assert "pw" not in str(caught.value)
    assert "k1" not in str(caught.value)


def test_only_its_owner_may_change_what_is_allowed(assay_home: Path) -> None:
    allow([("base_url", "http://a/v1")])
    assert stat.S_IMODE((assay_home / "allowed.json").stat().st_mode) == 0o600
