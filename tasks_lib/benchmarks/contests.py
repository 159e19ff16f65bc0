r"""AIME and HMMT: contest problems, 32 answers to each. Copyright of the contests; read from the Hub.

Sources: `HuggingFaceH4/aime_2024`, `math-ai/aime25`, `math-ai/aime26` and MathArena's HMMT sets; none is in
our mirror, so their columns are from their cards. The last `\boxed{}` counts, equal by Math-Verify. 32
answers to a question are not independent: the error is that of the mean over questions.
"""

from functools import partial

from assay.records import Question, Sampling
from tasks_lib.benchmarks.math_answers import REASON
from tasks_lib.metrics import accuracy, pass_at
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.scorers.mathematics import SameMathematics
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

SETS = {
    "aime24": Hub("HuggingFaceH4/aime_2024", split="train"),
    "aime25": Hub("math-ai/aime25", split="test"),
    "aime26": Hub("math-ai/aime26", split="test"),
    "hmmt_feb_2025": Hub("MathArena/hmmt_feb_2025", split="train"),
    "hmmt_nov_2025": Hub("MathArena/hmmt_nov_2025", split="train"),
    "hmmt_feb_2026": Hub("MathArena/hmmt_feb_2026", split="train"),
}
SAMPLES = 32


def contest(source: Hub) -> Task:
    """Ask a chat model 32 times, at temperature 1: the mean over all answers, and pass@32."""
    scorer = SameMathematics()
    return Task(
        source=source,
        question=question,
        prompt=completion(REASON),
        metrics=[accuracy(scorer), *pass_at(scorer, SAMPLES)],
        generate=Sampling(max_tokens=32768, temperature=1.0),
        samples=SAMPLES,
    )


def question(row: Row) -> Question:
    """Take the problem and its answer, a number or an expression."""
    answer = str(row["answer"]).strip()
    key = row.get("id", row.get("problem_idx"))
    return Question(
        id="" if key is None else str(key),
        text=row["problem"],
        target=f"\\boxed{{{answer}}}",
        fields={"answer": answer},
    )


for _name, _source in SETS.items():
    _about = _name.replace("_", " ").upper()
    register(_name, about=f"{_about}: contest problems, 32 answers each, equal by Math-Verify.")(
        partial(contest, _source)
    )
