"""How many questions early stopping saves, beside a plain e-process: `python -m tests.benchmarks.stopping`.

Both look after every hundredth of the set, in random orders of the questions. The e-process is a
Beta(1/2, 1/2) mixture on the flips which stops at 1/alpha, or where no completion changes the verdict, and
which ends with the ordinary test. "Other" is the share of orders that stopped with another verdict than the
whole set's; "named" is, for pairs without a difference, the share that stopped early and named a direction.
"""

import gzip
import math
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import product
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from assay.stats import (
    Discordance,
    Stopping,
    Verdict,
    first_crossing,
    log_e_value,
)
from assay.stats.predictive import Whole, fixed_verdict, predict_flips
from assay.stats.stopping import CLAIM, SPENT, give_up_risk
from tests.conftest import real_folder

Outcomes: TypeAlias = NDArray[np.int64]
"""1 where only B was right, -1 where only A was, 0 for ties."""
REAL = (
    ("gsm8k_openai_6b_finetuning", "gsm8k_openai_175b_verification"),
    ("nq_open_dpr", "nq_open_fid"),
    ("nq_open_301_text-davinci-003_zeroshot", "nq_open_dpr"),
    ("nq_open_301_text-davinci-003_zeroshot", "nq_open_fid"),
    ("squad_logistic_regression", "squad_bert_ensemble"),
)
LOOKS = 100


class Tally(NamedTuple):
    """What a rule did over some orders."""

    saved: float
    other: float
    named: float


def follow(design: Stopping, outcomes: Outcomes, *, plain: bool) -> tuple[int, Verdict]:
    """Ask in this order until one rule stops; return how many were asked and the verdict."""
    wins, losses = np.cumsum(outcomes == 1), np.cumsum(outcomes == -1)
    ahead = (
        None
        if plain
        else first_crossing(outcomes, total=design.total, spend=SPENT * design.alpha, every=design.every)
    )
    for questions in range(design.every, len(outcomes), design.every):
        w, lost = int(wins[questions - 1]), int(losses[questions - 1])
        counts = Discordance(w, lost, questions - w - lost)
        if (settled := fixed(counts, design.whole)) is not None:
            return questions, settled
        if plain and log_e_value(w, lost, a=0.5) >= math.log(1 / design.alpha):
            return questions, "improved" if w > lost else "regressed"
        if ahead is not None and questions >= ahead.questions:
            return questions, "improved" if ahead.won else "regressed"
        if not plain and (given_up := unlikely(counts, design.whole)) is not None:
            return questions, given_up
    return len(outcomes), whole(outcomes, design)


@lru_cache(maxsize=1 << 18)
def unlikely(counts: Discordance, whole: Whole) -> Verdict | None:
    """Give up, or call it equivalent, where `decide` does."""
    chances = predict_flips(counts, whole=whole)
    if chances["unresolved"] >= 1 - give_up_risk(counts):
        return "unresolved"
    return "equivalent" if chances["equivalent"] >= 1 - CLAIM else None


@lru_cache(maxsize=1 << 18)
def fixed(counts: Discordance, whole: Whole) -> Verdict | None:
    """Stop where no completion changes the verdict."""
    return fixed_verdict(counts, whole=whole)


def whole(outcomes: Outcomes, design: Stopping) -> Verdict:
    """Return the verdict of the whole set."""
    w, lost = int(np.sum(outcomes == 1)), int(np.sum(outcomes == -1))
    tallies = fixed(Discordance(w, lost, len(outcomes) - w - lost), design.whole)
    assert tallies is not None
    return tallies


def tally(sets: Iterator[Outcomes], *, plain: bool) -> Tally:
    """Follow one rule through sets of answers."""
    rows = []
    for outcomes in sets:
        design = Stopping(total=len(outcomes), every=max(1, len(outcomes) // LOOKS))
        questions, verdict = follow(design, outcomes, plain=plain)
        early = questions < len(outcomes)
        named = early and verdict in {"improved", "regressed"}
        rows.append((1 - questions / len(outcomes), verdict != whole(outcomes, design), named))
    return Tally(*np.mean(np.array(rows, dtype=np.float64), axis=0).tolist())


def orders(outcomes: Outcomes, *, n: int, seed: int, size: int | None = None) -> Iterator[Outcomes]:
    """Shuffle one set, or random parts of it of `size`, again and again."""
    generator = np.random.default_rng(seed)
    for _ in range(n):
        yield generator.permutation(outcomes)[:size]


def drawn(size: int, *, flips: float, delta: float, n: int, seed: int) -> Iterator[Outcomes]:
    """Draw sets of answers of which a share flips, with a true difference."""
    generator = np.random.default_rng(seed)
    win, loss = (flips + delta) / 2, (flips - delta) / 2
    for _ in range(n):
        yield generator.choice([1, -1, 0], size=size, p=[win, loss, 1 - flips])


def real_pairs(folder: Path) -> Iterator[tuple[str, Outcomes]]:
    """Read the verdicts of pairs of real systems on the same questions."""
    for a, b in REAL:
        before, after = (verdicts(folder / name) for name in (a, b))
        common = [key for key in before if key in after]
        yield f"{a.split('_')[0]} {len(common)}", np.array([after[key] - before[key] for key in common])


def verdicts(folder: Path) -> dict[int, int]:
    """Read which questions a system got right."""
    plain = folder / "per_question.jsonl"
    text = (
        plain.read_bytes()
        if plain.is_file()
        else gzip.decompress((folder / "per_question.jsonl.gz").read_bytes())
    )
    rows = [orjson.loads(line) for line in text.splitlines()]
    return {row["index"]: int(row["correct"]) for row in rows}


def line(name: str, sets: Callable[[], Iterator[Outcomes]]) -> tuple[Tally, Tally]:
    """Print one row of the table for both rules."""
    tallies = tally(sets(), plain=False), tally(sets(), plain=True)
    cells = [f"{t.saved:6.1%} {t.other:6.1%} {t.named:6.1%}" for t in tallies]
    print(f"{name:40s} | {cells[0]} | {cells[1]}", flush=True)
    return tallies


def cases(repeats: int) -> Iterator[tuple[str, Callable[[], Iterator[Outcomes]]]]:
    """Name the sets of answers: real pairs, parts of them, and drawn ones."""
    folder = real_folder("ASSAY_GOLDEN_DIR", "../shared/golden")
    for name, outcomes in real_pairs(folder) if folder else ():
        yield name, partial(orders, outcomes, n=repeats // 10, seed=1)
        for size in (100, 300):
            yield f"{name}, parts of {size}", partial(orders, outcomes, n=repeats, seed=2, size=size)
    for size, flips, z in product((50, 200, 1000), (0.1, 0.3), (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)):
        delta = z * math.sqrt(flips / size)
        if delta < flips:
            name = f"n {size}, flips {flips:.0%}, true difference {z:g} SE"
            yield name, partial(drawn, size, flips=flips, delta=delta, n=repeats, seed=3)


def main(repeats: int = 200) -> None:
    """Print the table."""
    print(f"{'':40s} | ours: saved other named | mixture: saved other named")
    rows = [line(name, sets) for name, sets in cases(repeats)]
    for index, name in enumerate(("ours", "mixture")):
        means = np.mean([tallies[index] for tallies in rows], axis=0)
        print(f"{name}: saved {means[0]:.1%}, other verdict {means[1]:.2%}")


if __name__ == "__main__":
    main()
