"""Whole texts: what is asked, which words and bytes are counted, and how they become one number."""

import math
from pathlib import Path

import pytest

from assay.errors import BadRow, BadSpec, DatasetNotFound
from assay.records import LogLikelihood, MetricSummary, Pair, Sample, Score
from tasks_lib.benchmarks.perplexity import as_written
from tasks_lib.questions import Loaded, load
from tasks_lib.scoring import score_text
from tasks_lib.spec import resolve_task
from tasks_lib.summary import summarise
from tasks_lib.task import Task
from tests.tasks_lib.rows import Rows, file_of, task_of

PAGES: Rows = [
    {"page": ' \n = Hens = \n \n The hen \'s egg , at 1 @.@ 5 ° C , is " warm " . \n'},
    {"page": " \n = = Eggs = = \n \n Eggs ( two @-@ thirds ) hatch .\n"},
]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("1 @,@ 000 @.@ 5 well @-@ known", "1,000.5 well-known"),
        ("a : b ; c . d ! e ? f , g .", "a: b; c. d! e? f, g ."),
        ("( a ) [ b ] { c } \" d \" ' e '", "(a) [b] {c} \"d\" 'e'"),
        ("= a = = = b = = = = = c =", "= a === b ===== c ="),
        ("the hens ' egg , hen 's", "the hens'egg, hen's"),
        ("20 ° C \n N eggs \n of N hens", "20°C\nN eggs\nof 1 hens"),
        ("it was /' 5/ here", "it was /'[0-9]/ here"),
        ('( open and " odd', '( open and " odd'),
    ],
)
def test_a_page_is_written_as_lm_evaluation_harness_writes_it(page: str, text: str) -> None:
    assert as_written(page) == text


def judged(task: Task, loaded: Loaded, logprobs: list[float]) -> list[Score]:
    scores = []
    for question, value in zip(loaded.questions, logprobs, strict=True):
        found = (LogLikelihood(logprob=value, tokens=3),)
        scores += score_text(task, question, Sample(question_id=question.id, loglikelihoods=found))
    return scores


def summarised(task: Task, loaded: Loaded, scores: list[Score]) -> list[MetricSummary]:
    found, _ = summarise(task, loaded.questions, scores, expected=len(loaded.questions))
    return [found[metric.name] for metric in task.metrics]


def test_wikitext_asks_the_text_and_counts_the_page(tmp_path: Path) -> None:
    task = task_of("wikitext", tmp_path, PAGES)
    loaded = load(task)
    pages = [question.text for question in loaded.questions]
    assert pages == [row["page"] for row in PAGES]
    requests = [loaded.request(task, question) for question in loaded.questions]
    assert [request.pairs for request in requests] == [
        (
            Pair(
                context="", continuation='\n= Hens =\n\nThe hen\'s egg, at 1.5°C, is "warm".\n', rolling=True
            ),
        ),
        (Pair(context="", continuation="\n== Eggs ==\n\nEggs (two-thirds) hatch .\n", rolling=True),),
    ]
    scores = judged(task, loaded, [-40.0, -25.0])
    # The corpus is one text: all bits over all bytes, or all words, of the pages as they came.
    sizes = [len(pages[0].encode()), len(pages[1].encode())]
    words = [22, 15]
    assert [score.weight for score in scores] == [sizes[0], words[0], sizes[1], words[1]]
    per_byte, per_word = summarised(task, loaded, scores)
    assert per_byte.value == pytest.approx(65 / math.log(2) / sum(sizes))
    assert per_word.value == pytest.approx(65 / math.log(2) / sum(words))
    assert 2**per_word.value == pytest.approx(math.exp(65 / sum(words)))
    assert per_byte.lower_is_better
    assert per_word.lower_is_better
    assert task.headline.name == "bits_per_byte"


def test_the_error_is_that_of_a_ratio(tmp_path: Path) -> None:
    task = task_of("perplexity", tmp_path, [{"text": "a" * 10}, {"text": "b" * 30}])
    loaded = load(task)
    bits = judged(task, loaded, [-20.0 * math.log(2), -30.0 * math.log(2)])
    per_byte = summarised(task, loaded, bits)[0]
    # R = 50 / 40; influence (bits - R * bytes) / mean bytes / n, summed over two texts with CR1.
    influence = [(20 - 1.25 * 10) / 40, (30 - 1.25 * 30) / 40]
    assert per_byte.value == pytest.approx(1.25)
    assert per_byte.se == pytest.approx(math.sqrt(2 * sum(one**2 for one in influence)))


def test_texts_of_a_file_are_asked_as_they_are(tmp_path: Path) -> None:
    rows: Rows = [{"text": "One , two @-@ three.\n"}, {"id": 7, "text": "Four."}]
    source = file_of(tmp_path, rows)
    task = resolve_task("perplexity", {"source": source.path})
    loaded = load(task)
    asked = [loaded.request(task, question).pairs[0] for question in loaded.questions]
    assert [pair.continuation for pair in asked] == ["One , two @-@ three.\n", "Four."]
    assert all(pair.rolling and not pair.context for pair in asked)
    assert loaded.questions[1].id == "7"
    assert loaded.questions[0].id


def test_without_a_file_it_says_how_to_name_one() -> None:
    with pytest.raises(DatasetNotFound, match="source=FILE"):
        load(resolve_task("perplexity", {}))
    with pytest.raises(BadSpec, match="nothing to take few-shots from"):
        resolve_task("perplexity:5shot", {})


@pytest.mark.parametrize("row", [{"text": ""}, {"text": None}, {"words": "x"}])
def test_a_row_without_text_is_named(tmp_path: Path, row: dict[str, object]) -> None:
    with pytest.raises(BadRow, match="Row 0"):
        load(task_of("perplexity", tmp_path, [row]))
