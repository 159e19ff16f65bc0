"""Benchmarks whose data sets are read from the Hub alone, on rows written here: GPQA, translations."""

from pathlib import Path

import pytest

from assay.errors import UnknownName
from assay.records import Question, Sample
from tasks_lib.benchmarks.translation import GoodSources
from tasks_lib.check import check
from tasks_lib.questions import load
from tasks_lib.scorers.translation import SentenceChrF
from tasks_lib.spec import resolve_task
from tests.tasks_lib.rows import Rows, task_of

GPQA: Rows = [
    {
        "Record ID": f"rec{n}",
        "Question": f"Which is {n}?\n",
        "Correct Answer": f"{n} birds",
        "Incorrect Answer 1": "a stone",
        "Incorrect Answer 2": "a lamp",
        "Incorrect Answer 3": "a shoe",
        "Subdomain": "Birds",
    }
    for n in range(12)
]
FLORES: Rows = [
    {"id": n, "sentence_eng_Latn": f"Bird {n} sang.", "sentence_deu_Latn": f"Vogel {n} sang."}
    for n in range(2)
]
WMT: Rows = [
    {"segment_id": n, "document_id": "d", "source": f"Bird {n}.", "target": f"Vogel {n}."} for n in range(2)
]


@pytest.mark.anyio
async def test_gpqa_orders_the_choices_by_the_record(tmp_path: Path) -> None:
    task = task_of("gpqa", tmp_path, GPQA)
    assert await check(task, pool=None) == []
    answers = {question.answer for question in load(task).questions}
    assert len(answers) > 1
    turned: Rows = [{**row, "Incorrect Answer 1": "a lamp", "Incorrect Answer 2": "a stone"} for row in GPQA]
    again = load(task_of("gpqa", tmp_path, turned)).questions
    assert [question.choices for question in load(task).questions] == [question.choices for question in again]
    assert (task.samples, task.generate.temperature) == (8, 0.6)


def test_parts_of_gpqa_are_configurations() -> None:
    assert resolve_task("gpqa:main", {}).source.config == "gpqa_main"  # type: ignore[attr-defined]


@pytest.mark.anyio
@pytest.mark.parametrize(("spec", "rows"), [("flores", FLORES), ("wmt24pp", WMT)])
async def test_gold_translations_score_1_and_others_do_not(spec: str, rows: Rows, tmp_path: Path) -> None:
    pytest.importorskip("sacrebleu")
    assert await check(task_of(spec, tmp_path, rows), pool=None) == []


def test_a_pair_of_languages_is_a_variant() -> None:
    source = resolve_task("flores:from-fra_Latn-to-eng_Latn", {}).source
    assert (source.config, source.split) == ("fra_Latn-eng_Latn", "devtest")  # type: ignore[attr-defined]
    assert resolve_task("wmt24pp:to-is_IS", {}).source == GoodSources(
        "google/wmt24pp", "en-is_IS", split="train"
    )
    with pytest.raises(UnknownName):
        resolve_task("flores:from-french", {})


def test_chrf_is_sacrebleus_for_the_sentence() -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    question = Question(text="Bird", target="Ein Vogel singt laut.")
    verdict = SentenceChrF().judge(question, Sample(question_id="q", output="Ein Vogel sang.\nMehr"))
    wanted = sacrebleu.sentence_chrf("Ein Vogel sang.", ["Ein Vogel singt laut."]).score / 100
    assert verdict.value == pytest.approx(wanted)
    assert SentenceChrF().judge(question, Sample(question_id="q", output=" \n")).value is None
