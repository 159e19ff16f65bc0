"""The public surface of `assay.stats`: documented, typed, and safe against any input.

Whatever goes in, what comes out is a number, None, or an Assay error with a remedy: never Python's own
exception, NaN, or the scores of one question paired silently with those of another.
"""

import ast
import inspect
import math
import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay import stats
from assay.errors import AssayError, EmptyScores, ScoreOutOfRange, StatisticsError
from assay.stats.scores import finite_scores
from tests.conftest import ROOT
from tests.stats.surface import FUNCTIONS, call, calls, numbers_in

EXAMPLES = 500 if os.environ.get("ASSAY_TEST_SLOW") else 30
DOCUMENT = (ROOT / "docs" / "statistics.md").read_text()
SOURCE = ROOT / "assay" / "stats" / "__init__.py"


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_input_gives_a_result_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    function = getattr(stats, name)
    try:
        result = call(function, data.draw(calls(function)))
    except AssayError as error:
        raised = error
    else:
        assert not any(map(math.isnan, numbers_in(result)))
        return
    assert raised.remedy


# What ended in Python's own exceptions, NaN or a silent broadcast.


@pytest.mark.parametrize(
    ("call_", "kind"),
    [
        (lambda: stats.judge_errors([1, 0, 1], judged=[1]), StatisticsError),
        (lambda: stats.judge_errors([0.7], judged=[1]), ScoreOutOfRange),
        (lambda: stats.newcombe(stats.Discordance(0, 0, 0), both_right=0), EmptyScores),
        (lambda: stats.newcombe(stats.Discordance(1, 1, 2), both_right=5), ScoreOutOfRange),
        (lambda: stats.discordance([1, 0, 1], [1]), StatisticsError),
        (lambda: stats.correlation([1, 0, 1], [1]), StatisticsError),
        (lambda: stats.paired([1, 0], [1, 1], level=95), StatisticsError),
        (lambda: stats.score_interval([1, 0], level=95), StatisticsError),
        (lambda: stats.wilson(1, n=2, level=math.nan), StatisticsError),
        (lambda: stats.macro({"a": stats.TaskValues([1.0, 0.0], weight=math.nan)}), StatisticsError),
        (lambda: stats.nested_weights(stats.Branch({"a": math.nan})), StatisticsError),
        (lambda: stats.verdict(stats.Estimate(0.1, 0.1, 9), margin=math.nan), StatisticsError),
        (lambda: stats.verdict(stats.Estimate(0.1, 0.1, 9), margin=0.1, dropped=5), StatisticsError),
        (lambda: stats.mde(0.1, power=80), StatisticsError),
        (lambda: stats.required_n(1e-300, 0.5), StatisticsError),
        (lambda: stats.alpha_spent(10**200), StatisticsError),
        (lambda: stats.adjust({"a": math.nan}, name="x"), StatisticsError),
        (lambda: stats.paired([1, 0], [1, 1], cluster=[["a"], ["b"]]), StatisticsError),
        (lambda: stats.paired([1, 0], [1, 1], cluster=[]), StatisticsError),
        (lambda: stats.paired([[1, 0], [0, 1]], [[1, 0], [0, 1]]), StatisticsError),
        (lambda: stats.mean(["1", "0"]), StatisticsError),  # type: ignore[list-item]
        (lambda: stats.mean([1e200, 1e200]), ScoreOutOfRange),
        (lambda: stats.pass_at_k([1, 2], n=[3, 3, 3], k=1), StatisticsError),
        (lambda: stats.Stopping(total=0), ScoreOutOfRange),
    ],
)
def test_wrong_input_is_an_error_of_ours(call_: Callable[[], Any], kind: type[AssayError]) -> None:
    with pytest.raises(kind) as raised:
        call_()
    assert raised.value.remedy


def test_evidence_beyond_the_largest_float_is_infinite_and_its_logarithm_is_not() -> None:
    assert stats.e_value(3000, 0) == math.inf
    assert stats.log_e_value(3000, 0) == pytest.approx(3000 * math.log(2) - math.log(3001))
    path = stats.e_path([True] * 1100)
    assert (path.running_max, path.first_crossing, path.e[1100]) == (math.inf, 8, math.inf)
    assert 0 <= path.p_anytime < 1e-300
    assert np.all(np.isfinite(path.log_e))


def test_what_no_questions_detect_is_none() -> None:
    assert stats.flips_effect(0, discordant=0.2) is None
    assert stats.proportion_effect(0, p0=0.5) is None
    assert stats.resolution_floor(0) is None


PAIRS_OF_LISTS: dict[str, Callable[[list[float], list[float]], Any]] = {
    "paired": stats.paired,
    "paired, units": lambda a, b: stats.paired(a, a, units=(b, b)),
    "paired, clusters": lambda a, b: stats.paired(a, a, cluster=b),
    "discordance": stats.discordance,
    "correlation": stats.correlation,
    "ratio": lambda a, b: stats.ratio(a, denominator=b),
    "paired_bootstrap": stats.paired_bootstrap,
    "sign_flip": lambda a, b: stats.sign_flip(a, cluster=b),
    "standard_error": lambda a, b: stats.standard_error(a, leverage=b),
    "estimate": lambda a, b: stats.estimate(stats.mean(a), cluster=b),
    "score_interval": lambda a, b: stats.score_interval(a, cluster=b),
    "design_effect": lambda a, b: stats.design_effect(a, cluster=b),
    "macro": lambda a, b: stats.macro({"a": stats.TaskValues(a, cluster=b)}),
    "macro, crossed": lambda a, b: stats.macro(
        {"a": stats.TaskValues(a, cluster=b), "b": stats.TaskValues(a, cluster=a)}
    ),
    "micro": lambda a, b: stats.micro({"a": stats.TaskValues(a, cluster=b)}),
    "judge_errors": lambda a, b: stats.judge_errors(a, judged=b),
    "cuped": lambda a, b: stats.cuped(a, before=b, before_mean=0.5),
    "prediction_powered": lambda a, b: stats.prediction_powered(a, judged=b, judged_others=[1, 0]),
    "power_weight": lambda a, b: stats.power_weight(a, b, [1, 0]),
    "beta_binomial_interval": lambda a, b: stats.beta_binomial_interval(a, samples=b),
    "reduce_samples": lambda a, b: stats.reduce_samples(a, counts=b),
    "decide": lambda a, b: stats.decide(a, b, design=stats.Stopping(50)),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS_OF_LISTS)
@pytest.mark.parametrize("lengths", [(4, 3), (4, 1), (1, 4), (3, 4)])
def test_lists_of_different_lengths_are_never_broadcast(name: str, lengths: tuple[int, int]) -> None:
    a, b = ([1.0] * length for length in lengths)
    with pytest.raises(StatisticsError):
        PAIRS_OF_LISTS[name](a, b)


def test_numbers_of_numpy_and_missing_ones_are_read() -> None:
    assert finite_scores(np.array([True, False])).tolist() == [1.0, 0.0]
    assert finite_scores([np.float32(0.5), np.int64(1)]).tolist() == [0.5, 1.0]


# What is exported is what is typed and documented.


def test_what_is_exported_is_what_is_typed() -> None:
    tree = ast.parse(SOURCE.read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname: str(node.module).removeprefix("assay.stats.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == stats._MODULES
    assert stats.__all__ == sorted(stats._MODULES)
    with pytest.raises(AttributeError, match="no attribute 'pared'"):
        _ = stats.pared  # type: ignore[attr-defined]


def table_rows() -> dict[str, list[str]]:
    """The rows of the document's tables whose first cell is a name, by that name."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", DOCUMENT, re.MULTILINE)
    return {name: [cell.strip() for cell in re.split(r" \|(?: |$)", rest)] for name, rest in rows}


def test_what_is_exported_is_what_is_documented() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE)
    assert sorted(documented) == stats.__all__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_when_it_is_none(name: str) -> None:
    function = getattr(stats, name)
    annotation = str(inspect.signature(function).return_annotation)
    docstring = inspect.getdoc(function) or ""
    assert docstring
    if "None" in annotation:
        assert re.search(r"\bNone\b", docstring), f"{name} does not say when it is None"
        assert table_rows()[name][-1], f"the document does not say when {name} is None"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_source_in_the_document_is_a_source_in_the_code(name: str) -> None:
    """Authors and years, such as `Wilson 1927`, of the row of a function."""
    sources = re.findall(r"([A-Z][a-z]+)[a-zA-Z .-]* (\d{4})", table_rows()[name][1])
    docstring = inspect.getdoc(getattr(stats, name)) or ""
    for author, year in sources:
        assert author in docstring, f"{name}: {author}"
        assert year in docstring, f"{name}: {year}"


def test_importing_the_package_loads_nothing_heavy() -> None:
    source = SOURCE.read_text()
    assert "import numpy" not in source
    assert "import scipy" not in source


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL))
def test_the_example_of_the_document_works(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(example, {})
    assert [float(line) for line in capsys.readouterr().out.splitlines()] == pytest.approx(
        [0.4093, 0.0625], rel=1e-3
    )
