"""Saved answers to all of BIG-Bench Hard must get their official verdicts, question by question."""

from collections import defaultdict

import orjson
import pytest

from assay.records import Sample
from tasks_lib.benchmarks.bbh import FAMILIES, SUBTASKS
from tasks_lib.questions import load
from tasks_lib.scoring import score_text
from tasks_lib.spec import resolve_task
from tests.golden.test_replay import GOLDEN, read

pytestmark = pytest.mark.golden
FOLDER = GOLDEN / "bbh_code-davinci-002_direct"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no golden outputs: set ASSAY_GOLDEN_DIR")
def test_saved_answers_get_their_official_verdicts(datasets_dir: object) -> None:
    expected = orjson.loads((FOLDER / "expected.json").read_bytes())
    outputs, verdicts = defaultdict(dict), defaultdict(dict)
    for row in read(FOLDER / expected["outputs"]):
        outputs[row["subtask"]][row["index"]] = row["outputs"][0]
    for row in read(FOLDER / expected["per_question"]):
        verdicts[row["subtask"]][row["index"]] = row["correct"]
    rates = {}
    for subtask in SUBTASKS:
        task = resolve_task(f"bbh_{subtask}", {})
        own = {}
        for question in load(task.with_(shots=0)).questions:
            sample = Sample(question_id=question.id, output=outputs[subtask][question.row])
            own[question.row] = score_text(task, question, sample)[0].value == 1.0
        assert own == verdicts[subtask], subtask
        rates[subtask] = sum(own.values()) / len(own)
    assert sum(rates.values()) / 27 == pytest.approx(expected["metrics"]["macro_accuracy_27"])
    for name, sizes in FAMILIES.items():
        rates[name] = sum(rates.pop(f"{name}_{size}") for size in sizes) / len(sizes)
    assert sum(rates.values()) / 23 == pytest.approx(expected["value"])
