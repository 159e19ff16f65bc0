"""The cases of DROP's own evaluator must get its exact match and F1."""

import pytest

from tasks_lib.scorers.drop import drop_score
from tests.golden.test_replay import GOLDEN, read

FILE = GOLDEN / "drop_evaluator_cases" / "cases.jsonl"
pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(not FILE.is_file(), reason="no golden outputs: set ASSAY_GOLDEN_DIR"),
]


def test_the_authors_cases_get_their_scores() -> None:
    for case in read(FILE):
        predicted, gold = (
            [text] if isinstance(text, str) else text for text in (case["predicted"], case["gold"])
        )
        assert drop_score(predicted, gold) == (case["em"], case["f1"]), case
