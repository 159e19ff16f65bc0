"""What must hold of a batch of scores, as a Great Expectations suite.

A context of its own for each batch: one that threads share gives wrong results without an error.
"""

import os
from collections.abc import Sequence
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.row_conditions import Column

from assay.store.contract.batch import Batch, MetricRange, Violation

VALUED = ["scored", "truncated", "unparsed"]
EMPTY = ["failed", "skipped"]
KEY = ["question_id", "sample_index", "metric"]
Expected = tuple[str, Any]


def check(batch: Batch) -> list[Violation]:
    """Check a batch; returns the expectations that were broken, with the rows."""
    columns = batch.model_dump(include={"question_id", "sample_index", "metric", "status", "value"})
    frame = pd.DataFrame(columns)
    frame["value"] = frame["value"].astype(float)
    reasons, suite = zip(*_suite(batch), strict=True)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("scores")
    definition = asset.add_batch_definition_whole_dataframe("whole")
    result = definition.get_batch(batch_parameters={"dataframe": frame}).validate(
        gx.ExpectationSuite(name="scores", expectations=list(suite)), result_format="COMPLETE"
    )
    return [
        _violation(reasons[int(outcome.expectation_config.meta["number"])], outcome)
        for outcome in result.results
        if not outcome.success
    ]


def _suite(batch: Batch) -> Sequence[Expected]:
    expectations: list[Expected] = [
        (f"there must be {batch.rows} scores", gxe.ExpectTableRowCountToEqual(value=batch.rows)),
        (
            "the question was not asked",
            gxe.ExpectColumnValuesToBeInSet(column="question_id", value_set=batch.known),
        ),
        ("it is there twice", gxe.ExpectCompoundColumnsToBeUnique(column_list=KEY)),
        (
            "the sample index is negative",
            gxe.ExpectColumnValuesToBeBetween(column="sample_index", min_value=0),
        ),
        (
            "the metric is not of this task",
            gxe.ExpectColumnValuesToBeInSet(column="metric", value_set=[m.name for m in batch.metrics]),
        ),
        ("the status is unknown", gxe.ExpectColumnValuesToBeInSet(column="status", value_set=VALUED + EMPTY)),
        (
            "it has no value though it was scored",
            gxe.ExpectColumnValuesToNotBeNull(column="value", row_condition=Column("status").is_in(VALUED)),
        ),
        (
            "it has a value though it was not scored",
            gxe.ExpectColumnValuesToBeNull(column="value", row_condition=Column("status").is_in(EMPTY)),
        ),
        *(_range(metric) for metric in batch.metrics if metric.low is not None or metric.high is not None),
    ]
    for number, (_, expectation) in enumerate(expectations):
        expectation.meta = {"number": number}
    return expectations


def _range(metric: MetricRange) -> Expected:
    low = "any" if metric.low is None else f"{metric.low:g}"
    high = "any" if metric.high is None else f"{metric.high:g}"
    return (
        f"the value of {metric.name} lies outside {low} to {high}",
        gxe.ExpectColumnValuesToBeBetween(
            column="value",
            min_value=metric.low,
            max_value=metric.high,
            row_condition=Column("metric") == metric.name,
        ),
    )


def _violation(reason: str, result: Any) -> Violation:
    if result.exception_info.get("raised_exception"):
        return Violation(reason=f"it could not be checked whether {reason}: {result.exception_info}")
    rows = result.result.get("unexpected_index_list") or ()
    return Violation(reason=reason, rows=tuple(sorted({int(row) for row in rows})))
