"""A task's stops end what a model runs on to, and nothing that is its answer."""

from assay.records import Question, Sample
from tasks_lib.benchmarks.gsm8k import unbroken_question
from tasks_lib.scoring import score_text
from tasks_lib.spec import resolve_task


def exact_match(output: str) -> float | None:
    question = Question(
        id="1",
        text="What reacts?",
        target="pure O",
        fields={"context": "What reacts is pure O\n2 gas.", "title": "O"},
    )
    scores = score_text(resolve_task("squad", {}), question, Sample(question_id="1", output=output))
    return next(score.value for score in scores if score.metric == "exact_match")


def test_a_span_with_a_line_break_is_read_whole() -> None:
    assert exact_match("pure O\n2") == 0


def test_what_follows_an_answer_is_cut_at_the_stop() -> None:
    assert exact_match("pure O\nQuestion: What else?") == 1


def test_olmes_gold_solutions_hold_none_of_its_stops() -> None:
    row = {"question": "How many?", "answer": "First 10.\n\nThen 20.\n#### 20"}
    stops = resolve_task("gsm8k:olmes:0shot", {}).generate.stop
    assert not any(stop in (unbroken_question(row).target or "") for stop in stops)
