"""Basic skills: six sets of questions that a small model can learn (Ai2 2025)."""

import random
from functools import partial

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import ChoicePrompt
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "allenai/basic-skills"
SKILLS = {
    "arithmetic": "Sums of one or two steps, the likeliest of ten results.",
    "coding": "One line of Python that completes a function.",
    "common_knowledge": "Facts that everybody knows.",
    "logical_reasoning": "Conclusions from one or two premises.",
    "pattern": "The next item of a sequence.",
    "string_operations": "Words reversed, counted and put together.",
}
PROMPT = ChoicePrompt(template="{text}", listed="{text}\n{options}Answer:", option=" {letter}. {choice}\n")


def basic_skill(name: str) -> Task:
    """Compare the likelihood of each answer after a question that is answered by going on."""
    source = Hub(DATASET, name, split="validation")
    return Task(
        source=source,
        fewshot=source,
        question=question,
        prompt=PROMPT,
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


def olmes(task: Task) -> Task:
    """Follow OLMES: five shots drawn from the same split, likelihood for each token."""
    return follow_olmes(task, norm="tokens", shot_rule="olmes-one-more")


def question(row: Row) -> Question:
    """Take the question, and put the answer among the wrong ones at a position drawn by the row's id."""
    generator = random.Random(row["id"])  # noqa: S311
    choices = list(row["wrong_answers"])
    generator.shuffle(choices)
    position = generator.randint(0, len(choices))
    choices.insert(position, row["answer"])
    return Question(id=row["id"], text=row["question"], choices=tuple(choices), answer=position)


for _name, _about in SKILLS.items():
    register(f"basic_skills_{_name}", about=_about)(partial(basic_skill, _name))
    register_variant(f"basic_skills_{_name}", "olmes")(olmes)
