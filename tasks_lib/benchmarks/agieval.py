"""AGIEval: human exams with one right choice (Zhong et al. 2023), in its zero-shot prompt.

The sets where some questions have several right choices (gaokao-physics, gaokao-mathqa) and those without
choices are left out.
"""

from dataclasses import replace
from functools import partial

from assay.records import Question
from tasks_lib.benchmarks.any_choice import reasoned
from tasks_lib.metrics import choice_accuracy
from tasks_lib.prompts import ChoicePrompt
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

EXAMS = {
    "aqua_rat": "algebra, five choices",
    "gaokao_biology": "Chinese college entrance, biology",
    "gaokao_chemistry": "Chinese college entrance, chemistry",
    "gaokao_chinese": "Chinese college entrance, Chinese",
    "gaokao_english": "Chinese college entrance, English",
    "gaokao_geography": "Chinese college entrance, geography",
    "gaokao_history": "Chinese college entrance, history",
    "lsat_ar": "law school admission, analytical reasoning",
    "lsat_lr": "law school admission, logical reasoning",
    "lsat_rc": "law school admission, reading",
    "sat_en": "college admission, English with passages",
    "sat_en_without_passage": "college admission, English without its passages",
    "sat_math": "college admission, mathematics",
}


def agieval(name: str) -> Task:
    """Compare the likelihood of the choices' texts, as lm-evaluation-harness does; `:mc` of their letters."""
    return Task(
        source=Hub(f"hails/agieval-{name.replace('_', '-')}", split="test"),
        question=question,
        prompt=ChoicePrompt(template="{text}", listed="{text}"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


def cot(task: Task) -> Task:
    """Let a chat model reason before it writes a letter, in place of the prompt's own last line."""
    assert isinstance(task.prompt, ChoicePrompt)
    return reasoned(task.with_(prompt=replace(task.prompt, listed="{exam}\n")))


def question(row: Row) -> Question:
    """Take the prompt as it is written, choices included; raises ValueError where several are right."""
    (answer,) = row["gold"]
    exam = row["query"].rpartition("\n")[0]
    return Question(text=row["query"], choices=tuple(row["choices"]), answer=answer, fields={"exam": exam})


for _name, _about in EXAMS.items():
    register(f"agieval_{_name}", about=f"AGIEval: {_about}.")(partial(agieval, _name))
    register_variant(f"agieval_{_name}", "cot")(cot)
