"""A task and a model as values, evaluated from Python without a server, on the records of any run."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import assay
from tests.api.conftest import often_right, right


def test_a_function_is_evaluated_and_its_run_is_stored(sums: assay.Task) -> None:
    result = assay.evaluate(sums, often_right)
    accuracy = result.metrics["accuracy"]
    assert accuracy.value == pytest.approx(40 / 60)
    assert accuracy.se is not None
    assert accuracy.low is not None
    assert accuracy.mde is not None
    assert (result.status, accuracy.n, result.counts.scored) == ("completed", 60, 60)
    assert assay.load_run(result.id).run == result.run
    assert [run.id for run in assay.runs(task="sums")] == [result.id]


def test_scores_are_a_frame_with_a_row_for_each_sample(sums: assay.Task) -> None:
    frame = assay.evaluate(sums, often_right, limit=10).scores.to_pandas()
    assert list(frame.columns) == list(assay.ScoredSample._fields)
    assert len(frame) == 10
    wrong = frame[frame["value"] == 0]
    assert set(frame["status"]) == {"scored"}
    assert all(row.answer != row.target for row in wrong.itertuples())


def test_it_runs_inside_a_running_event_loop(sums: assay.Task) -> None:
    async def cell() -> assay.Result:
        return assay.evaluate(sums, right, limit=5)

    assert asyncio.run(cell()).metrics["accuracy"].value == 1


def test_two_results_are_compared_as_values_or_by_name(sums: assay.Task) -> None:
    before, after = assay.evaluate(sums, often_right), assay.evaluate(sums, right)
    comparison = assay.compare(before, after)
    assert comparison.suite.delta == pytest.approx(20 / 60)
    assert assay.compare(before.id, after.id).suite == comparison.suite


def test_a_coroutine_function_and_one_that_takes_the_call(sums: assay.Task) -> None:
    async def asked(call: assay.Call) -> assay.Completion:
        await asyncio.sleep(0)
        return assay.Completion(text=right(call.prompt))

    assert assay.evaluate(sums, asked, limit=5).metrics["accuracy"].value == 1


def test_an_exception_in_the_function_fails_its_sample_and_names_the_line(sums: assay.Task) -> None:
    def broken(prompt: str) -> str:
        if "7 + 7" in prompt:
            raise KeyError("seven")
        return right(prompt)

    result = assay.evaluate(sums, broken)
    assert result.status == "failed"
    assert result.counts.failed >= 1
    assert result.run.problem is not None
    assert "raised KeyError: 'seven'" in result.run.problem
    assert f"{Path(__file__).name}, line" in result.run.problem
    assert result.metrics["accuracy"].value == 1


def test_what_is_no_model_is_refused_with_a_sentence(sums: assay.Task) -> None:
    with pytest.raises(assay.AssayError, match="A int is no model"):
        assay.evaluate(sums, 7)  # type: ignore[arg-type]


def test_likelihoods_are_refused_for_a_function(sums: assay.Task) -> None:
    with pytest.raises(assay.AssayError, match="has no log-likelihoods"):
        assay.evaluate("demo_letters", right)


def test_options_and_settings_are_those_of_the_command(sums: assay.Task) -> None:
    result = assay.evaluate(sums, right, options={"max_tokens": 7}, settings={"concurrency": 3}, limit=5)
    assert result.run.options == {"max_tokens": "7"}
    with pytest.raises(assay.AssayError, match="no setting of function"):
        assay.evaluate(sums, right, settings={"concurency": 3})


def test_a_result_shows_itself_as_a_small_table(sums: assay.Task) -> None:
    result = assay.evaluate(sums, often_right)
    assert "<td>accuracy</td><td>67%</td>" in result._repr_html_()
    assert "accuracy 67% ±" in repr(result)
    assert result.id in assay.runs()._repr_html_()


def test_importing_costs_next_to_nothing() -> None:
    program = "import sys; before = set(sys.modules); import assay; print(len(set(sys.modules) - before))"
    loaded = int(subprocess.check_output([sys.executable, "-c", program], text=True))
    assert loaded < 15
