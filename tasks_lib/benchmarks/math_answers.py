r"""MATH worked out, scored by what the answer means (Hendrycks et al. 2021; Lewkowycz et al. 2022). MIT.

Sources: `EleutherAI/hendrycks_math` (5,000 problems in seven subjects), `HuggingFaceH4/MATH-500`. The last
`\boxed{}` counts, else what Math-Verify finds; equal as a text or by Math-Verify is right. Beside it
`same_notation`, the rule of MATH's authors, which computes nothing. The bits of the solutions are the tasks
`minerva_math_SUBJECT`.
"""

from assay.records import Question, Sampling
from tasks_lib.benchmarks.minerva_math import OLMES_KEYS, OLMES_SHOT, SUBJECTS
from tasks_lib.joined import Joined
from tasks_lib.mathematics.boxed import last_boxed
from tasks_lib.metrics import accuracy, pass_at
from tasks_lib.olmes import PackagedShots
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.mathematics import SameMathematics, SameNotation
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Source, Task

DATASET = "EleutherAI/hendrycks_math"
REASON = "{text}\n\nReason step by step, and put your final answer within \\boxed{{}}."
METRICS = (accuracy(SameMathematics()), accuracy(SameNotation(), name="same_notation"))


@register("minerva_math")
def minerva_math() -> Task:
    """Competition problems of seven subjects, worked out: answers equal by Math-Verify."""
    return _worked_out(Joined(id=DATASET, configs=SUBJECTS))


@register("math500", aliases=["math_500"])
def math500() -> Task:
    """500 competition problems, worked out: answers equal by Math-Verify."""
    return _worked_out(Hub("HuggingFaceH4/MATH-500"))


@register_variant("minerva_math", r"subject-(\w+)")
def subject(task: Task, name: str) -> Task:
    """Ask the problems of one subject only."""
    return task.with_(source=Hub(DATASET, name))


@register_variant("minerva_math", "olmes")
@register_variant("math500", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: Minerva's four problems, which its package holds, solved before each."""
    return task.with_(
        fewshot=PackagedShots("minerva_math_500/gold_bpb_0shot", OLMES_SHOT),
        shots=4,
        shot_rule="fixed",
        shot_keys=OLMES_KEYS,
    )


@register_variant("minerva_math", "olmo3base")
@register_variant("math500", "olmo3base")
def olmo3base(task: Task) -> Task:
    """Follow OLMo 3's base evaluation: four answers after OLMES's shots, at temperature 0.6."""
    sampling = task.generate.model_copy(update={"temperature": 0.6, "top_p": 0.6})
    return olmes(task).with_(samples=4, generate=sampling, metrics=pass_at(task.headline.scorer, 1, 2, 4))


@register_variant("minerva_math", "chat")
@register_variant("math500", "chat")
def chat(task: Task) -> Task:
    """Ask a chat model, without shots, to reason and to box the answer."""
    return task.with_(shots=0, prompt=completion(REASON), generate=Sampling(max_tokens=32768))


def question(row: Row) -> Question:
    """Take the problem, its solution, and the answer that the solution boxes or the row gives."""
    answer = row.get("answer") or last_boxed(row["solution"])
    # A few-shot's solution may say its answer in words.
    return Question(
        id=row.get("unique_id", ""),
        text=row["problem"],
        target=row["solution"],
        fields={"level": str(row.get("level", "")), "answer": answer, "subject": row.get("config", "")},
    )


def _worked_out(source: Source) -> Task:
    return Task(
        source=source,
        question=question,
        prompt=completion("Problem:\n{text}\n\nSolution:"),
        metrics=METRICS,
        generate=Sampling(max_tokens=1024, stop=("Problem:", "\n\nProblem")),
    )
