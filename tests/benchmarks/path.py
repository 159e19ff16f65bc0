"""What the client costs for each request, against a bare loop on aiohttp in the same run.

`python -m tests.benchmarks.path` prints the numbers of docs/performance.md. CPU is that of this process; the
server runs in another. The marginal cost is the slope between two numbers of questions, so that starting up
does not count; ours and the floor take turns, and medians are printed.
"""

import argparse
import asyncio
import hashlib
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median

import aiohttp
import orjson

from assay.records import Question, Sample, Sampling, Score
from harnesses.evaluation.job import Job, model_source
from harnesses.evaluation.pipeline import evaluate
from harnesses.evaluation.spec import Spec
from harnesses.harness import load_harness
from harnesses.scaffolds.catalog import build_scaffold
from tasks_lib.extract.numbers import last_number
from tasks_lib.metrics import accuracy, choice_accuracy
from tasks_lib.prompts import cloze, completion
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import Local
from tasks_lib.task import Task

CONCURRENCY = 64
FEW, MANY = 1319, 10_552
CHOICES = 4
NUMBER = re.compile(r"\d+")


def used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rows(folder: Path, count: int) -> str:
    file = folder / f"{count}.jsonl"
    text = "A farmer has {0} hens and each lays {1} eggs in {2} days; how many eggs are there after a while?"
    lines = [
        orjson.dumps(
            {"id": str(i), "text": f"{i}. " + text.format(i % 90, i % 7, i % 31), "answer": str(i % 10)}
        )
        for i in range(count)
    ]
    file.write_bytes(b"\n".join(lines))
    return str(file)


def read(file: str) -> list[dict[str, str]]:
    return [orjson.loads(line) for line in Path(file).read_bytes().splitlines()]


async def bare(folder: Path, url: str, count: int) -> None:
    """The floor: request hash, SQLite log in batches of 64, two records and the score, and nothing else."""
    questions = await asyncio.to_thread(read, rows(folder, count))
    log = sqlite3.connect(folder / f"bare-{count}-{time.time_ns()}.db")
    log.execute("create table response (key text primary key, body blob)")
    waiting: list[tuple[str, bytes]] = []
    todo = iter(questions)

    async def work(session: aiohttp.ClientSession) -> None:
        for row in todo:
            content = {
                "model": "m",
                "messages": [{"role": "user", "content": row["text"]}],
                "max_tokens": 512,
            }
            body = orjson.dumps(content)
            key = hashlib.blake2b(body, digest_size=16).hexdigest()
            async with session.post(f"{url}/chat/completions", data=body) as response:
                answer = orjson.loads(await response.read())
            text = answer["choices"][0]["message"]["content"]
            waiting.append((key, text.encode()))
            if len(waiting) >= 64:
                log.executemany("insert or ignore into response values (?, ?)", waiting)
                log.commit()
                waiting.clear()
            sample = Sample(question_id=row["id"], output=text, finish_reason="stop")
            right = NUMBER.findall(sample.output)[-1:] == [row["answer"]]
            Score(question_id=row["id"], metric="accuracy", status="scored", value=float(right))

    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:
        await asyncio.gather(*(work(session) for _ in range(CONCURRENCY)))


def chat_task(file: str) -> Task:
    return Task(
        source=Local(file),
        question=lambda row: Question(id=row["id"], text=row["text"], target=row["answer"]),
        prompt=completion("{text}", turns=True),
        metrics=[accuracy(exact_match(last_number))],
        generate=Sampling(max_tokens=512),
        name="bench",
    )


def choice_task(file: str) -> Task:
    return Task(
        source=Local(file),
        question=lambda row: Question(
            id=row["id"],
            text=row["text"],
            choices=("one", "two", "three", "four"),
            answer=int(row["answer"]) % 4,
        ),
        prompt=cloze("{text}\nAnswer:"),
        metrics=[choice_accuracy()],
        name="bench",
    )


async def ours(task: Task, url: str, **settings: str) -> None:
    """Everything a run does but Prefect: the pipeline in this process."""
    spec = Spec(checkpoint="openai:test-model", task=task.name, settings={"base_url": url, **settings})
    harness = load_harness("plain")
    job = Job(
        spec=spec,
        task=task,
        harness=harness,
        scaffold=build_scaffold(harness),
        model=model_source(spec.checkpoint, spec.settings),
    )
    run = await evaluate(job)
    if run.status != "completed":
        raise SystemExit(f"{run.problem} A request that fails costs less than an answer.")


def measure(run: Callable[[Path, int], Awaitable[None]]) -> tuple[float, float]:
    """Return the marginal CPU in ms per question, and the wall time of the larger run."""
    spent = []
    for count in (FEW, MANY):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["ASSAY_HOME"] = folder
            cpu, began = used(), time.monotonic()
            asyncio.run(run(Path(folder), count))  # type: ignore[arg-type]
            spent.append((used() - cpu, time.monotonic() - began))
    return 1000 * (spent[1][0] - spent[0][0]) / (MANY - FEW), spent[1][1]


async def chat(folder: Path, count: int) -> None:
    await ours(chat_task(rows(folder, count)), ADDRESS, api="chat")


async def choices(folder: Path, count: int) -> None:
    await ours(choice_task(rows(folder, count)), ADDRESS, batch="32")


async def floor(folder: Path, count: int) -> None:
    await bare(folder, ADDRESS, count)


async def again(folder: Path, count: int) -> None:
    task = chat_task(rows(folder, count))
    await ours(task, ADDRESS, api="chat", revision="r")
    cpu, began = used(), time.monotonic()
    await ours(task, ADDRESS, api="chat", revision="r")
    if count == MANY:
        print(
            f"from the log: {count:,} answers in {time.monotonic() - began:.2f} s, {used() - cpu:.2f} s CPU"
        )


ADDRESS = ""
RUNS: dict[str, tuple[Callable[[Path, int], Awaitable[None]], int]] = {
    "bare aiohttp": (floor, 1),
    "chat request": (chat, 1),
    "choice, 32 to a request": (choices, CHOICES),
}


def costs(rounds: int) -> None:
    """Print the marginal cost of each kind of request, and its ratio to the floor of the same round."""
    found = [{name: measure(run) for name, (run, _) in RUNS.items()} for _ in range(rounds)]
    for name, (_, per) in RUNS.items():
        cost = median(one[name][0] for one in found)
        speed = median(MANY / one[name][1] for one in found)
        ratio = median(one[name][0] / one["bare aiohttp"][0] for one in found)
        shown = f", {ratio:.2f} x the floor" if per == 1 else ""
        print(f"{name}: {cost / per:.3f} ms of CPU, {speed:.0f} questions/s{shown}")


@contextmanager
def endpoint() -> Iterator[str]:
    """Serve the tests' own endpoint in another process; gives its address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--url", help="an endpoint with the model `test-model`; else the tests' own is started"
    )
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with nullcontext(arguments.url) if arguments.url else endpoint() as ADDRESS:
        costs(arguments.rounds)
        measure(again)
