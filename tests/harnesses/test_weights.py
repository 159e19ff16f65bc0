import json
import os
from pathlib import Path

import pytest

from harnesses.providers import weights
from harnesses.providers.weights import (
    NoCheckpoint,
    first_token,
    has_chat_template,
    locate,
    trained,
    weights_fingerprint,
)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "step-0100"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights" * 100)
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": {"content": "<s>"}}))
    return folder


def test_the_fingerprint_is_that_of_what_is_loaded(checkpoint: Path) -> None:
    before = weights_fingerprint(checkpoint)
    for name in ("optimizer.pt", "trainer_state.json", "rng_state_0.pth", "README.md", "pytorch_model.bin"):
        (checkpoint / name).write_text("beside")
    assert weights_fingerprint(checkpoint) == before
    for name in ("model.safetensors", "config.json", "chat_template.jinja"):
        (checkpoint / name).write_text("other")
        after = weights_fingerprint(checkpoint)
        assert after != before
        before = after


def test_a_copy_elsewhere_has_the_same_fingerprint(checkpoint: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in checkpoint.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert weights_fingerprint(copy) == weights_fingerprint(checkpoint)


def test_a_large_file_is_read_once_and_again_when_it_changes(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = weights.file_digest
    monkeypatch.setattr(weights, "LARGE", 100)
    monkeypatch.setattr(weights, "file_digest", lambda file: read.append(file.name) or real(file))
    first = weights_fingerprint(checkpoint)
    assert "model.safetensors" in read
    read.clear()
    assert weights_fingerprint(checkpoint) == first
    assert "model.safetensors" not in read
    file = checkpoint / "model.safetensors"
    stat = file.stat()
    file.write_bytes(b"WEIGHTS" * 100)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert weights_fingerprint(checkpoint) != first


def test_an_adapter_and_its_model_are_both_part(checkpoint: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "lora"
    adapter.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(b"small")
    together = weights_fingerprint(adapter, checkpoint)
    assert together != weights_fingerprint(checkpoint)
    (checkpoint / "model.safetensors").write_bytes(b"other")
    assert weights_fingerprint(adapter, checkpoint) != together


def test_what_the_folder_tells(checkpoint: Path) -> None:
    assert locate(str(checkpoint)) == checkpoint.resolve()
    assert trained(checkpoint) == ("run", 100)
    assert trained(checkpoint.parent) is None
    assert first_token(checkpoint) == "<s>"
    assert not has_chat_template(checkpoint)
    (checkpoint / "chat_template.jinja").write_text("x")
    assert has_chat_template(checkpoint)


def test_no_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoCheckpoint, match="no checkpoint folder"):
        locate(str(tmp_path / "nowhere"))
    with pytest.raises(NoCheckpoint, match="no weights"):
        weights_fingerprint(tmp_path)
