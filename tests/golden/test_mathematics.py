"""Two graders' own cases of equal and unequal answers must come out as they say."""

import orjson
import pytest

from tasks_lib.mathematics.equality import Comparer
from tasks_lib.mathematics.notation import same_notation
from tests.golden.test_replay import GOLDEN, read

FOLDER = GOLDEN / "math_equivalence"
pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="no golden outputs: set ASSAY_GOLDEN_DIR"),
]
SETTINGS = {
    "precision": "float_rounding",
    "strict": "strict",
    "allow_set_relation_comp": "allow_set_relation_comp",
}


def test_maths_authors_find_the_same_texts_equal() -> None:
    cases = read(FOLDER / "hendrycks_is_equiv_cases.jsonl")
    assert [same_notation(case["a"], case["b"]) for case in cases] == [case["expected"] for case in cases]


def test_math_verifys_cases_come_out_as_it_says() -> None:
    pytest.importorskip("math_verify")
    comparer = Comparer()
    wrong = []
    for case in read(FOLDER / "math_verify_cases.jsonl"):
        wanted = case.get("expected", case.get("result"))
        settings = {ours: case[theirs] for theirs, ours in SETTINGS.items() if case.get(theirs) is not None}
        kinds = case["match_types"] or ["latex", "expr"]
        found = comparer.compare(case["gold"], answer=case["pred"], kinds=kinds, **settings)
        if found.equal != bool(wanted):
            wrong.append(orjson.dumps(case))
    comparer.close()
    assert not wrong
