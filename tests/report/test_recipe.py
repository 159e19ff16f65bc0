"""Claims about recipes need seeds: the scatter within one training run is no variance between trainings."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from assay.lookup.sides import load_side, side_of
from assay.records import Run
from assay.render.tables import explanations
from assay.report.compare import compare
from assay.report.recipe import ASK_FOR_SEEDS
from assay.stats import recipe_difference
from assay.store import Store
from tests.report.examples import compared, stored

N = 200


def trained(store: Store, name: str, shares: Sequence[float]) -> list[Run]:
    """Store the checkpoints of a training run that answered these shares of the questions."""
    return [
        stored(store, f"{name}{i}", right(share), step=i, training_run=name) for i, share in enumerate(shares)
    ]


def right(share: float) -> list[float]:
    return [1.0] * round(N * share) + [0.0] * (N - round(N * share))


def test_checkpoints_of_one_run_make_no_claim_about_its_recipe(store: Store) -> None:
    a, b = (trained(store, name, (0.50, 0.55, 0.48, 0.56, 0.53)) for name in ("old", "new"))
    comparison = compared(store, a[-1:], b[-1:])
    assert comparison.suite.recipe is None
    assert comparison.notes == (ASK_FOR_SEEDS,)
    assert any("--seed-a" in line for line in explanations(comparison))


def test_other_seeds_weaken_the_claim(store: Store) -> None:
    shares = {"old": (0.50, 0.55, 0.48, 0.56), "new": (0.60, 0.50, 0.61, 0.58, 0.52)}
    runs = {
        name: [trained(store, f"{name}-{i}", [share])[0] for i, share in enumerate(values)]
        for name, values in shares.items()
    }
    sides = [side_of(store, [first], seeds=[[run] for run in rest]) for first, *rest in runs.values()]
    comparison = compare(*sides)
    suite = comparison.suite
    assert suite.recipe is not None
    assert (suite.recipe.seeds_a, suite.recipe.seeds_b) == (4, 5)
    assert suite.recipe.noise_a == pytest.approx(np.std(shares["old"], ddof=1))
    assert suite.recipe.noise_b == pytest.approx(np.std(shares["new"], ddof=1))
    parts = ((suite.se or 0) ** 2, suite.recipe.noise_a**2 / 4, suite.recipe.noise_b**2 / 5)
    assert suite.recipe.delta == pytest.approx(np.mean(shares["new"]) - np.mean(shares["old"]))
    assert suite.recipe.se == pytest.approx(math.sqrt(sum(parts)))
    freedom = sum(parts) ** 2 / sum(v * v / df for v, df in zip(parts, (N - 1, 3, 4), strict=True))
    assert suite.recipe.df == pytest.approx(freedom)
    assert suite.recipe.p > (suite.p or 1)
    assert comparison.notes == ()
    assert any("4 and 5 seeds" in line for line in explanations(comparison))


def test_seeds_are_found_by_the_names_of_their_checkpoints(store: Store) -> None:
    for name, share in (("a", 0.5), ("b", 0.6), ("a2", 0.52), ("b2", 0.57)):
        trained(store, name, [share])
    a = load_side(store, "embedded:a0", seeds=["embedded:a20"])
    b = load_side(store, "embedded:b0", seeds=["embedded:b20"])
    assert compare(a, b).suite.recipe is not None
    for seeds in ([], ["embedded:b0"]):
        alone = load_side(store, "embedded:b0", seeds=seeds)
        assert compare(a, alone).suite.recipe is None


def test_one_training_is_no_claim_about_two(store: Store) -> None:
    runs = trained(store, "only", (0.1, 0.3, 0.5, 0.7, 0.9))
    comparison = compared(store, runs[3:4], runs[4:])
    assert comparison.suite.recipe is None
    assert not any("recipes" in line for line in explanations(comparison))


def test_with_seeds_a_claim_errs_as_rarely_as_it_says() -> None:
    """Two recipes that do not differ, whose checkpoints within a run are correlated by 0.8.

    By the scatter of the last five checkpoints of one run each, and by z, 25 % of the claims were wrong at a
    nominal 5 %.
    """
    generator = np.random.default_rng(5)
    sets, seeds, checkpoints, sd, question_se = 3000, 3, 5, 0.02, 0.004
    correlation = 0.8 ** np.abs(np.subtract.outer(np.arange(checkpoints), np.arange(checkpoints)))
    paths = generator.multivariate_normal(np.zeros(checkpoints), sd**2 * correlation, (sets, 2, seeds))
    wrong = {"one run": 0, "seeds": 0}
    for recipes in paths:
        last = recipes[:, :, -1]
        noise = generator.normal(0, question_se)
        delta = last[1, 0] - last[0, 0] + noise
        within = [recipes[side, 0].std(ddof=1) for side in (0, 1)]
        between = [last[side].std(ddof=1) for side in (0, 1)]
        by_run = recipe_difference(
            delta, paired_se=question_se, checkpoint_sd_a=within[0], checkpoint_sd_b=within[1]
        )
        by_seeds = recipe_difference(
            last[1].mean() - last[0].mean() + noise, paired_se=question_se, paired_df=N - 1,
            checkpoint_sd_a=between[0] / math.sqrt(seeds), checkpoint_sd_b=between[1] / math.sqrt(seeds),
            df_a=seeds - 1, df_b=seeds - 1,
        )  # fmt: skip
        wrong["one run"] += (by_run.p or 1) <= 0.05
        wrong["seeds"] += (by_seeds.p or 1) <= 0.05
    assert wrong["one run"] / sets > 0.2
    assert 0.02 <= wrong["seeds"] / sets <= 0.065
