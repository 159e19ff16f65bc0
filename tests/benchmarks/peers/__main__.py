"""What Assay costs beside lm-evaluation-harness and Inspect, on one server in one go.

    python -m tests.benchmarks.peers --lm-eval ENVIRONMENT/bin/python --inspect ENVIRONMENT/bin/python

All ask the same questions of the tests' own server, which answers after 20 ms, 64 at once, and score the last
number of the answer; each run is a process of its own. The marginal cost is the slope of its CPU between two
numbers of questions, so that starting up does not count. A peer lies in an environment of its own, made with
`pip install 'lm_eval[api]==0.4.13' transformers` and `pip install inspect_ai==0.3.285 openai`; one that is
not given is left out. What a program says it scored is compared with what the server's answers are worth.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import orjson
from rich.console import Console
from rich.table import Table

from tests.benchmarks import path
from tests.benchmarks.peers import contestants
from tests.benchmarks.peers.contestants import Contestant, Job
from tests.benchmarks.peers.spent import Beside, Cost, Counts, Spent, cost, spend
from tests.endpoint import reply

FLOOR, WITHOUT, WHOLE = "bare aiohttp", "ours without Prefect", "assay run"
Row = dict[str, Any]


class Place(NamedTuple):
    """What all runs of a round have in common."""

    url: str
    environment: Mapping[str, str]
    beside: Beside


def entrants(given: argparse.Namespace) -> Iterator[Contestant]:
    """List who takes part, and say who does not."""
    counts, fewer = Counts(*given.counts), Counts(*given.inspect_counts)
    yield contestants.worker(FLOOR, "floor", counts=counts)
    yield contestants.worker(WITHOUT, "chat", counts=counts)
    yield contestants.whole(counts=counts)
    if given.lm_eval:
        yield contestants.lm_eval(given.lm_eval, counts=counts)
    else:
        say("lm-evaluation-harness is left out: name the Python of its environment with --lm-eval.")
    if given.inspect:
        yield contestants.inspect(given.inspect, counts=fewer)
    else:
        say("Inspect is left out: name the Python of its environment with --inspect.")
    if given.chat_only:
        return
    yield contestants.worker("ours, option", "choice", counts=counts)
    if given.lm_eval:
        yield contestants.lm_eval_choices(given.lm_eval, counts=counts)


def say(text: str) -> None:
    """Tell how far it is, on standard error."""
    print(text, file=sys.stderr, flush=True)


def round_of(contestant: Contestant, *, url: str) -> dict[int, Spent]:
    """Run a contestant on one question, on few and on many."""
    found = {}
    with contestant.ready() as (environment, beside):
        place = Place(url, environment, beside)
        if contestant.warmed:
            one_run(contestant, 1, place=place)
        for count in (1, *contestant.counts):
            spent = found[count] = one_run(contestant, count, place=place)
            beside_it = "".join(f", {name} {cpu:.2f} s" for name, cpu in spent.beside.items())
            told = f"{spent.cpu:.2f} s of CPU{beside_it}, {spent.wall:.2f} s, {spent.memory:.0f} MB"
            say(f"{contestant.name}, {count:,}: {told}")
    return found


def one_run(contestant: Contestant, count: int, *, place: Place) -> Spent:
    """Run a contestant once, and see that it did what was asked."""
    with tempfile.TemporaryDirectory() as name:
        job = Job(Path(name), place.url, count)
        questions = Path(path.rows(job.folder, count)).rename(job.folder / "questions.jsonl")
        contestants.equip(contestant, job)
        environment = {"ASSAY_HOME": name, **contestant.environment(job), **place.environment}
        command = contestant.command(job)
        spent = spend(command, folder=job.folder, environment=environment, beside=place.beside)
        if contestant.score is not None:
            said, worth = contestant.score(job), accuracy(questions, seed=contestant.seed)
            if abs(said - worth) > 0.5 / count:
                raise SystemExit(f"{contestant.name} says {said}, but the answers are worth {worth}.")
    return spent


def accuracy(questions: Path, *, seed: str) -> float:
    """Work out what share of the server's answers is right."""
    found = [
        reply(str([{"role": "user", "content": row["text"]}]) + seed).endswith(row["answer"])
        for row in path.read(str(questions))
    ]
    return sum(found) / len(found)


def rows(costs: Mapping[str, list[Cost]], entered: list[Contestant]) -> Iterator[Row]:
    """Turn the costs of all rounds into rows of medians."""
    for one in entered:
        of = costs[one.name]
        middle = {field: median(getattr(c, field) for c in of) for field in Cost._fields if field != "beside"}
        # The floor asks chat requests; an option is compared with nothing. It is loaded with all that is
        # ours, so that its start says nothing.
        floor = None if one.options > 1 else median(ratios(of, costs[FLOOR]))
        yield {
            "name": one.name,
            **middle,
            "marginal": middle["marginal"] / one.options,
            "speed": middle["speed"] * one.options,
            "floors": floor,
            "counts": one.counts,
            **(dict.fromkeys(("startup", "one", "memory")) if one.name == FLOOR else {}),
        }
        for name in of[0].beside:
            yield beside_row(f"{one.name}: {name} beside", [c.beside[name] for c in of])
        if one.name == WHOLE:
            yield beside_row(
                "Prefect's share", [share(w, p) for w, p in zip(of, costs[WITHOUT], strict=True)]
            )


def ratios(of: list[Cost], floor: list[Cost]) -> list[float]:
    """Compare with the floor of the same round."""
    return [one.marginal / least.marginal for one, least in zip(of, floor, strict=True)]


def share(command: Cost, without: Cost) -> tuple[float, float]:
    """What the command and its server cost more than the path alone."""
    server = command.beside.get("Prefect server", (0.0, 0.0))
    return command.marginal + server[0] - without.marginal, command.startup + server[1] - without.startup


def beside_row(name: str, found: list[tuple[float, float]]) -> Row:
    """Describe what has a marginal and a start-up cost only."""
    return {"name": name, "marginal": median(m for m, _ in found), "startup": median(s for _, s in found)}


def table(found: list[Row]) -> Table:
    """Lay the rows out for people."""
    columns: dict[str, tuple[str, str]] = {
        "ms of CPU each": ("marginal", ".3f"),
        "x floor": ("floors", ".1f"),
        "start-up, s of CPU": ("startup", ".2f"),
        "one question, s": ("one", ".1f"),
        "questions": ("counts", ""),
        "wall, s": ("wall", ".1f"),
        "each second": ("speed", ".0f"),
        "MB": ("memory", ".0f"),
        "kB a question": ("growth", ".1f"),
    }
    drawn = Table("", box=None)
    for heading in columns:
        drawn.add_column(heading, justify="right")
    for row in found:
        cells = []
        for key, form in columns.values():
            value = row.get(key)
            if isinstance(value, Counts):
                cells.append(f"{value.few:,}-{value.many:,}")
            else:
                cells.append("" if value is None else format(value, form))
        drawn.add_row(row["name"], *cells)
    return drawn


def main(given: argparse.Namespace) -> None:
    """Let all run in turns, and print the table."""
    entered = list(entrants(given))
    rounds: list[dict[str, dict[int, Spent]]] = []
    with path.endpoint() as url:
        for number in range(given.rounds):
            say(f"Round {number + 1}")
            rounds.append({one.name: round_of(one, url=url) for one in entered})
    costs = {one.name: [cost(r[one.name], counts=one.counts) for r in rounds] for one in entered}
    found = list(rows(costs, entered))
    if given.json:
        runs = [
            {name: {str(n): s._asdict() for n, s in of.items()} for name, of in r.items()} for r in rounds
        ]
        whole = {"rows": found, "rounds": runs}
        print(orjson.dumps(whole, default=list, option=orjson.OPT_INDENT_2).decode())
    else:
        Console(width=160).print(table(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lm-eval", metavar="PYTHON", help="of an environment with lm-evaluation-harness")
    parser.add_argument("--inspect", metavar="PYTHON", help="of an environment with Inspect")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--counts", type=int, nargs=2, default=(path.FEW, path.MANY), metavar=("FEW", "MANY"))
    parser.add_argument(
        "--inspect-counts",
        type=int,
        nargs=2,
        default=(330, path.FEW),
        metavar=("FEW", "MANY"),
        help="fewer, because a run of Inspect takes minutes",
    )
    parser.add_argument("--chat-only", action="store_true", help="leave likelihoods of options out")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    main(parser.parse_args())
