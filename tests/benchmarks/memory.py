"""The most memory that an evaluation takes for two numbers of questions, everything but Prefect's server.

`python -m tests.benchmarks.memory` evaluates 10,000 and 100,000 questions by the pipeline that flows run,
each in a process of its own. Great Expectations has its own process.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from assay.store.contract import client
from harnesses.evaluation.job import make_job
from harnesses.evaluation.pipeline import evaluate as evaluate_job
from harnesses.evaluation.spec import Spec
from tests.benchmarks.path import endpoint, rows

FEW, MANY = 10_000, 100_000


async def evaluate(file: str, url: str) -> None:
    """Run the pipeline without Prefect."""
    settings = {"base_url": url, "api": "chat", "concurrency": "64", "revision": "r"}
    spec = Spec(
        checkpoint="openai:test-model", task="gsm8k:0shot", settings=settings, overrides={"source": file}
    )
    run = await evaluate_job(make_job(spec))
    assert run.status == "completed", run.problem


def written(folder: Path, count: int) -> Path:
    """Write a file of questions as GSM8K has them."""
    asked = map(orjson.loads, Path(rows(folder, count)).read_bytes().splitlines())
    lines = (orjson.dumps({"question": row["text"], "answer": f"#### {row['answer']}"}) for row in asked)
    file = folder / f"gsm8k-{count}.jsonl"
    file.write_bytes(b"\n".join(lines))
    return file


def peak(file: str, url: str) -> None:
    """Print the most memory this process has taken, in MB, and the seconds it needed."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["ASSAY_HOME"] = home
        began = time.monotonic()
        asyncio.run(evaluate(file, url))
        client.stop()
    # The usage that the kernel accounts to a process also holds what its parent had when it forked.
    status = Path("/proc/self/status").read_text()
    print(int(status.partition("VmHWM:")[2].split()[0]) / 1024, time.monotonic() - began)


def main() -> None:
    """Measure both numbers, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peak:
        peak(given.peak, given.url)
        return
    with endpoint() as url, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.memory", "--url", url, "--peak"]
        files = [written(Path(folder), count) for count in (FEW, MANY)]
        said = [subprocess.check_output([*command, str(file)], text=True).split() for file in files]
    (few, short), (many, long) = ((float(one) for one in line) for line in said)
    print(f"{FEW:,} questions: {few:.0f} MB, {short:.0f} s; {MANY:,}: {many:.0f} MB, {long:.0f} s")
    print(f"{many / few:.2f} times the memory")


if __name__ == "__main__":
    main()
