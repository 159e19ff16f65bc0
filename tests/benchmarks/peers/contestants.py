"""Who takes part: for each a command, what it is given, and where it leaves its score."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from tests.benchmarks.path import CHOICES, CONCURRENCY
from tests.benchmarks.peers.spent import Beside, Counts, session_cpu

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
ASSAY = [sys.executable, "-c", "from assay.cli import main; main()"]
OURS = ("ASSAY_", "PREFECT_", "OPENAI_", "HF_", "INSPECT_", "LMEVAL_")
"""Settings of whoever runs this, which would change what is measured."""
BATCH = 32


class Job(NamedTuple):
    """One run: an empty folder to work in, with the questions as `questions.jsonl`."""

    folder: Path
    url: str
    asked: int


@contextmanager
def alone() -> Iterator[tuple[dict[str, str], Beside]]:
    """Have nothing run beside."""
    yield {}, dict


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A program that asks the questions and scores the answers."""

    name: str
    counts: Counts
    command: Callable[[Job], list[str]]
    given: str | None = None
    """The file with its task, copied into the working folder."""
    score: Callable[[Job], float] | None = None
    """Read what it says the accuracy was; None for those that do not say."""
    seed: str = ""
    """What it sends as the seed, on which the server's answers hang."""
    options: int = 1
    """Likelihoods asked for each question."""
    ready: Callable[[], AbstractContextManager[tuple[dict[str, str], Beside]]] = alone
    """Start what runs beside; gives further environment, and the CPU beside."""
    warmed: bool = False
    """Whether a first question goes uncounted, which starts what stays warm."""

    def environment(self, job: Job) -> dict[str, str]:
        """Give it a home of its own, and no network."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
        return {**kept, **offline, "HOME": str(job.folder), "STUB_API_KEY": "none"}


def worker(name: str, kind: str, *, counts: Counts) -> Contestant:
    """The floor, or our path without Prefect."""

    def command(job: Job) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.peers.worker", kind, job.url, str(job.asked)]

    options = CHOICES if kind == "choice" else 1
    return Contestant(name=name, counts=counts, command=command, options=options, ready=checkout)


@contextmanager
def checkout() -> Iterator[tuple[dict[str, str], Beside]]:
    """Let a process in another folder find this checkout."""
    yield {"PYTHONPATH": str(ROOT)}, dict


def whole(*, counts: Counts) -> Contestant:
    """The command as users give it, on a warm Prefect server."""

    def command(job: Job) -> list[str]:
        settings = [f"base_url={job.url}", f"concurrency={CONCURRENCY}", "api=chat"]
        asked = ["run", "-m", "openai:test-model", "-t", "bench", "--tasks-dir", ".", "--json"]
        return [*ASSAY, *asked, *(part for setting in settings for part in ("-M", setting))]

    def score(job: Job) -> float:
        run = orjson.loads((job.folder / "output").read_bytes())["runs"][0]
        return float(run["metrics"][run["headline"]]["value"])

    return Contestant(
        name="assay run",
        counts=counts,
        command=command,
        given="bench.py",
        score=score,
        ready=prefect,
        warmed=True,
    )


@contextmanager
def prefect() -> Iterator[tuple[dict[str, str], Beside]]:
    """Keep a Prefect server of a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        more = {"ASSAY_HOME": home, "PYTHONPATH": str(ROOT)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        environment = {**kept, **more}

        def beside() -> dict[str, float]:
            server = orjson.loads((Path(home) / "run" / "server.json").read_bytes())
            checker = Path(home) / "run" / "contracts.pid"
            found = {"Prefect server": session_cpu(server["pid"])}
            return found | ({"contracts": session_cpu(int(checker.read_text()))} if checker.exists() else {})

        try:
            subprocess.run([*ASSAY, "up"], env=environment, check=True, capture_output=True)
            yield more, beside
        finally:
            subprocess.run([*ASSAY, "down"], env=environment, check=False, capture_output=True)


def lm_eval(python: str, *, counts: Counts) -> Contestant:
    """lm-evaluation-harness by its command, with its samples written as ours are."""

    def command(job: Job) -> list[str]:
        route = f"base_url={job.url}/chat/completions,num_concurrent={CONCURRENCY}"
        return [
            *_lm_eval(python, "number", model="local-chat-completions", arguments=route),
            "--apply_chat_template",
        ]

    def score(job: Job) -> float:
        return float(_only(job.folder, "results*.json")["results"]["number"]["exact_match,last"])

    return Contestant(
        name="lm-eval", counts=counts, command=command, given="number.yaml", score=score, seed="1234"
    )


def lm_eval_choices(python: str, *, counts: Counts) -> Contestant:
    """lm-evaluation-harness on likelihoods, with a tokenizer of words as the server's is."""

    def command(job: Job) -> list[str]:
        tokenizer(job.folder)
        route = (
            f"base_url={job.url}/completions,num_concurrent={CONCURRENCY},"
            f"tokenizer_backend=huggingface,tokenizer={job.folder / 'tokenizer'}"
        )
        return [
            *_lm_eval(python, "choice", model="local-completions", arguments=route),
            "--batch_size",
            str(BATCH),
        ]

    return Contestant(
        name="lm-eval, option", counts=counts, command=command, given="choice.yaml", options=CHOICES
    )


def _lm_eval(python: str, task: str, *, model: str, arguments: str) -> list[str]:
    begin = [python, "-m", "lm_eval", "run", "--tasks", task, "--include_path", ".", "--output_path", "out"]
    return [*begin, "--log_samples", "--model", model, "--model_args", f"model=test-model,{arguments}"]


def tokenizer(folder: Path) -> None:
    """Write a tokenizer of the words in the questions, which needs no download."""
    text = (folder / "questions.jsonl").read_text()
    words = sorted(
        {"<unk>", "Answer:", "one", "two", "three", "four"}.union(
            *(orjson.loads(line)["text"].split() for line in text.splitlines())
        )
    )
    where = folder / "tokenizer"
    where.mkdir()
    model = {"type": "WordLevel", "vocab": {word: i for i, word in enumerate(words)}, "unk_token": "<unk>"}
    (where / "tokenizer.json").write_bytes(
        orjson.dumps(
            {
                "version": "1.0",
                "truncation": None,
                "padding": None,
                "added_tokens": [],
                "normalizer": None,
                "pre_tokenizer": {"type": "WhitespaceSplit"},
                "post_processor": None,
                "decoder": None,
                "model": model,
            }
        )
    )
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "eos_token": "<unk>"}
    (where / "tokenizer_config.json").write_bytes(orjson.dumps(settings))


def inspect(python: str, *, counts: Counts) -> Contestant:
    """Inspect by its command, without its display."""

    def command(job: Job) -> list[str]:
        asked = ["eval", "inspect_number.py", "-T", "file=questions.jsonl", "--max-tokens", "512"]
        model = ["--model", "openai-api/stub/test-model", "--model-base-url", job.url]
        quiet = ["--max-connections", str(CONCURRENCY), "--display", "none", "--log-dir", "out"]
        return [python, "-m", "inspect_ai", *asked, *model, *quiet]

    def score(job: Job) -> float:
        log = next((job.folder / "out").glob("*.eval"))
        told = subprocess.check_output([python, "-m", "inspect_ai", "log", "dump", "--header-only", str(log)])
        header = orjson.loads(told)
        if header["status"] != "success":
            raise SystemExit(f"Inspect ended with {header['status']}: {header['error']['message']}")
        return float(header["results"]["scores"][0]["metrics"]["accuracy"]["value"])

    return Contestant(name="Inspect", counts=counts, command=command, given="inspect_number.py", score=score)


def _only(folder: Path, pattern: str) -> Any:
    return orjson.loads(next((folder / "out").rglob(pattern)).read_bytes())


def equip(contestant: Contestant, job: Job) -> None:
    """Put its task into the working folder."""
    if contestant.given is not None:
        shutil.copy(HERE / "given" / contestant.given, job.folder)
