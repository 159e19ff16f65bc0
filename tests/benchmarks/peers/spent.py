"""What a process spends, and what of it each further question costs."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

Beside = Callable[[], dict[str, float]]
"""Seconds of CPU that processes beside a contestant have used so far, by their names."""


class Counts(NamedTuple):
    """Two numbers of questions, between which the slope is taken."""

    few: int
    many: int


class Spent(NamedTuple):
    """What one run took."""

    cpu: float
    """Seconds of the process and of those that it has waited for."""
    wall: float
    memory: float
    """The most that one process of it held, in MB."""
    beside: dict[str, float]


class Cost(NamedTuple):
    """What a contestant costs."""

    marginal: float
    """Milliseconds of CPU for each further question."""
    startup: float
    """Seconds of CPU where the line through the two runs meets no question."""
    one: float
    """Seconds of wall for one question."""
    wall: float
    """Seconds of wall for the larger number."""
    speed: float
    """Questions a second, between the two numbers."""
    memory: float
    """MB at the larger number."""
    growth: float
    """kB for each further question."""
    beside: dict[str, tuple[float, float]]
    """Marginal and start-up cost of what runs beside."""


def spend(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], beside: Beside) -> Spent:
    """Run a command to its end; its output is left in `output` and `errors`."""
    before = beside()
    began = time.monotonic()
    with (folder / "output").open("wb") as output, (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        said = (folder / "errors").read_text(errors="replace")[-2000:]
        raise SystemExit(f"{command} ended with {process.returncode}:\n{said}")
    after = beside()
    return Spent(
        usage.ru_utime + usage.ru_stime,
        wall,
        usage.ru_maxrss / 1024,
        {name: after[name] - before.get(name, 0.0) for name in after},
    )


def cost(runs: Mapping[int, Spent], *, counts: Counts) -> Cost:
    """Take the slopes between the two numbers."""
    few, many = runs[counts.few], runs[counts.many]
    more = counts.many - counts.few

    def line(less: float, greater: float) -> tuple[float, float]:
        slope = (greater - less) / more
        return 1000 * slope, less - slope * counts.few

    marginal, startup = line(few.cpu, many.cpu)
    return Cost(
        marginal,
        startup,
        runs[1].wall,
        many.wall,
        more / (many.wall - few.wall),
        many.memory,
        1024 * (many.memory - few.memory) / more,
        {name: line(few.beside[name], many.beside[name]) for name in many.beside},
    )


def session_cpu(leader: int) -> float:
    """Add up what the processes of a session have used, and those that they have waited for."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
