"""Saved answers to IFEval must get the authors' verdict on every instruction, strictly and loosely."""

from collections import Counter

import orjson
import pytest

from assay.records import Sample
from tasks_lib.instructions.ifeval import RULES
from tasks_lib.instructions.rules import followed, loose_forms
from tasks_lib.questions import load
from tasks_lib.scoring import score_text
from tasks_lib.spec import resolve_task
from tasks_lib.summary import summarise
from tests.golden.test_replay import GOLDEN, read

FOLDER = GOLDEN / "ifeval_gpt4_rows_0-269"
pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="no golden outputs: set ASSAY_GOLDEN_DIR"),
]


def test_saved_answers_get_their_official_verdicts(datasets_dir: object) -> None:
    for library in ("punkt", "langdetect", "nltk"):
        pytest.importorskip(library)
    expected = orjson.loads((FOLDER / "expected.json").read_bytes())
    outputs = {row["index"]: row["outputs"][0] for row in read(FOLDER / expected["outputs"])}
    verdicts = {row["index"]: row for row in read(FOLDER / expected["per_question"]) if row["deterministic"]}
    task = resolve_task("ifeval", {})
    asked = [question for question in load(task).questions if question.row in verdicts]
    scores = []
    for question in asked:
        text, official = outputs[question.row], verdicts[question.row]
        forms = {"strict": [text], "loose": loose_forms(text)}
        for kind, texts in forms.items():
            own = [
                any(followed(form, RULES[name], arguments) for form in texts)
                for name, arguments in question.fields["instructions"]
            ]
            assert own == official[kind], (question.id, kind)
        scores += score_text(task, question, Sample(question_id=question.id, output=text))
    metrics, _ = summarise(task, asked, scores, expected=len(asked))
    wanted = Counter(expected["metrics"])
    for name, metric in metrics.items():
        assert metric.value == pytest.approx(wanted[name], abs=expected["tolerance"]), name
    assert metrics["prompt_strict"].n == expected["n"]
