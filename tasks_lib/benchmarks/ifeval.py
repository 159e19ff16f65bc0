"""IFEval: prompts whose instructions a program can check (Zhou et al. 2023). Apache-2.0.

Source: `google/IFEval`. Rules and numbers are those of the authors' program; what it does otherwise at
random is said in `tasks_lib/instructions/ifeval.py`.
"""

from assay.records import Question, Sampling
from tasks_lib.instructions.ifeval import RULES
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.scorers.instructions import instruction_metrics
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task


@register("ifeval")
def ifeval() -> Task:
    """Prompts with up to three checkable instructions: the share of prompts that follow all, strictly."""
    return Task(
        source=Hub("google/IFEval", split="train"),
        question=question,
        prompt=completion("{text}"),
        metrics=instruction_metrics(RULES, headline="prompt_strict"),
        generate=Sampling(max_tokens=1280),
    )


def question(row: Row) -> Question:
    """Take the prompt and its instructions; arguments that an instruction does not have are null in a row."""
    instructions = [
        [name, {key: value for key, value in arguments.items() if value is not None}]
        for name, arguments in zip(row["instruction_id_list"], row["kwargs"], strict=True)
    ]
    return Question(id=str(row["key"]), text=row["prompt"], fields={"instructions": instructions})
