"""One redaction for all that leaves the process."""

import sqlite3
import subprocess
from pathlib import Path

import pytest

from assay.errors import BadSpec
from assay.redaction import hide, redact, reveal
from tests.e2e.conftest import endpoint, run_assay
from tests.e2e.digits import write_digits
from tests.endpoint import Endpoint

__all__ = ["endpoint"]
CANARY = "c4nary-5ecret"


@pytest.mark.parametrize(
    "text",
    [
        f"AWS_SECRET_ACCESS_KEY={CANARY}",
        f"export HF_TOKEN='{CANARY} {CANARY}'",
        f"--api-key {CANARY}",
        f"--api-key={CANARY}",
        f"vllm serve --api-key '{CANARY}' --port 1",
        f"Authorization: Bearer {CANARY}",
        f"Authorization: Basic {CANARY}",
        f"http://me:{CANARY}@host/v1",
        f"http://{CANARY}@host/v1",
        f"https://host/v1?key={CANARY}&api-version=1",
        f"https://host/v1?api-version=1&sig={CANARY}",
        f'{{"api_key": "{CANARY}", "password": "{CANARY}"}}',
        f"postgresql://me:{CANARY}@db/assay",
        f"token={CANARY}, secret: {CANARY}",
        f"sk-{CANARY}",
        f"hf_{CANARY}",
        f"PREFECT_API_AUTH_STRING=assay:{CANARY}",
    ],
)
def test_no_secret_is_left(text: str) -> None:
    shown = redact(text)
    assert CANARY not in shown
    assert "***" in shown
    assert redact(shown) == shown
    assert CANARY not in str(BadSpec(text, remedy=text))


@pytest.mark.parametrize(
    "text",
    [
        "assay run -m openai:m -o max_tokens=16 -M tokenizer=gpt2 -M base_url=http://host:8000/v1",
        "https://host/v1?api-version=2024-10-21",
        "The key is not accepted. Set OPENAI_API_KEY where `assay up` is run.",
        "1,024 tokens: too long",
        "mail me@host",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_settings_travel_without_secrets_and_come_back_in_this_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    settings = {"base_url": f"http://me:{CANARY}@h/v1?k={CANARY}", "env": f"HF_TOKEN={CANARY}", "batch": "2"}
    hidden = hide({**settings, "api_key": CANARY})
    assert CANARY not in str(hidden)
    assert reveal(hidden) == settings


@pytest.mark.e2e
def test_a_canary_in_every_setting_is_nowhere_in_the_home(endpoint: Endpoint, tmp_path: Path) -> None:
    home, tasks = tmp_path / "home", write_digits(tmp_path, count=4)
    address = endpoint.url.replace("://", f"://me:{CANARY}@")
    asked = ["run", "-m", f"openai:{endpoint.model}", "-t", "digits", "--tasks-dir", str(tasks)]
    secret = ["-M", f"api_key={CANARY}"]
    try:
        plain = ["-M", f"base_url={endpoint.url}"]
        done = run_assay(*asked, *secret, *plain, home=home, AWS_SECRET_ACCESS_KEY=CANARY)
        signed = ["-M", f"base_url={address}?sig={CANARY}"]
        refused = run_assay(*asked, *secret, *signed, home=home)
        named = run_assay(*asked, *secret, "-M", f"base_url={address}", home=home)
        unknown = run_assay(*asked, *secret, "-M", f"nonsense={CANARY}", home=home)
        shown = run_assay("runs", "--json", home=home)
    finally:
        run_assay("down", home=home)
    with sqlite3.connect(home / "assay.db") as store:
        assert store.execute("select count(*) from run").fetchone()[0], done.stderr
    for output in (done, refused, named, unknown, shown):
        assert CANARY not in output.stdout + output.stderr
    found = subprocess.run(["grep", "-rlaF", CANARY, home], capture_output=True, text=True, check=False)
    assert found.stdout == ""
