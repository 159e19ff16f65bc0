"""GSM8K: grade-school maths word problems (Cobbe et al. 2021)."""

import re

from assay.records import Question, Sampling
from tasks_lib.benchmarks.any_task import bits_of_gold
from tasks_lib.extract.numbers import last_number, loose_number, marked_number, read_number
from tasks_lib.extract.patterns import whole
from tasks_lib.metrics import accuracy, pass_at
from tasks_lib.olmes import PackagedShots
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "openai/gsm8k"
DROPPED = [re.compile(pattern) for pattern in (",", r"\$", r"(?s).*#### ", r"\.$")]
"""What lm-eval drops from answer and gold before it compares them, one after the other."""
OLMES_KEYS = (
    "6b4b7a4f66c95c46", "a935f135e7456a48", "00878f2dc0341971", "ba9c905bf85ce75d",
    "600b927873bfb3b5", "4bb7d555f41321ce", "1088e792dc6b2ea3", "cc02221ed3f625e7",
)  # fmt: skip
"""The questions of Wei et al. 2022 that OLMES solves before each question, in its order."""
OLMES_SHOT = r"Question: (?P<question>[^\n]*)\nAnswer: (?P<answer>[^\n]*)\n\n"
REASON = "{text}\n\nReason step by step, and end with the answer, a number, on a line of its own."
CALCULATION = re.compile(r"<<.*?>>")
BLANK_LINES = re.compile(r"\n{2,}")
OPERATOR = re.compile(r"([=\-+*/])")


@register("gsm8k")
def gsm8k() -> Task:
    """Grade-school maths word problems, scored on the last number."""
    return Task(
        source=Hub(DATASET, "main", split="test"),
        fewshot=Hub(DATASET, "main", split="train"),
        shots=5,
        question=question,
        prompt=completion("Question: {text}\nAnswer:", turns=True),
        metrics=[accuracy(exact_match(read_number, normalise=plain_number))],
        generate=Sampling(max_tokens=512, stop=("Question:",)),
    )


@register_variant("gsm8k", "openai")
def openai(task: Task) -> Task:
    """Score by the rule of the data set's authors: the first number after `####`."""
    return task.with_(metrics=[accuracy(exact_match(marked_number, normalise=without_commas))])


@register_variant("gsm8k", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: its few-shots, its strict and its flexible extraction."""
    strict = exact_match(marked_number, gold=whole, normalise=lm_eval_number)
    flexible = exact_match(loose_number, gold=whole, normalise=lm_eval_number)
    return task.with_(
        shot_rule="lm-eval",
        metrics=[accuracy(strict), accuracy(flexible, name="accuracy_flexible")],
        generate=Sampling(max_tokens=256, stop=("Question:", "</s>", "<|im_end|>")),
    )


@register_variant("gsm8k", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: eight fixed shots with their reasoning, which its package holds, and the last number."""
    return task.with_(
        fewshot=PackagedShots("gsm8k/gold_bpb_5shot", OLMES_SHOT),
        shots=len(OLMES_KEYS),
        shot_rule="fixed",
        shot_keys=OLMES_KEYS,
        question=unbroken_question,
        metrics=[accuracy(exact_match(last_number))],
        generate=Sampling(max_tokens=512, stop=("Question:", "\n\n")),
    )


@register_variant("gsm8k", "olmo3base")
def olmo3base(task: Task) -> Task:
    """Follow OLMo 3's base evaluation: eight answers after OLMES's shots, at temperature 0.6."""
    asked = olmes(task)
    stop = (*asked.generate.stop, "</s>", "<|im_end|>")
    sampling = asked.generate.model_copy(update={"temperature": 0.6, "top_p": 0.6, "stop": stop})
    return asked.with_(samples=8, generate=sampling, metrics=pass_at(asked.headline.scorer, 1, 2, 4, 8))


@register_variant("gsm8k", "chat")
def chat(task: Task) -> Task:
    """Ask a chat model, without shots, to reason and to end with the number."""
    return task.with_(shots=0, prompt=completion(REASON), generate=Sampling(max_tokens=16384))


@register_variant("gsm8k", "bpb")
def bpb(task: Task) -> Task:
    """Measure the bits per byte of the solution; OLMES's is one line that ends `So the answer is 18.`"""
    if task.dialect == "olmes":
        task = task.with_(question=spoken_question)
    return bits_of_gold(task)


def question(row: Row) -> Question:
    """Take the question and the whole solution, which ends in `#### number`."""
    return Question(text=row["question"], target=row["answer"])


def unbroken_question(row: Row) -> Question:
    """Take the solution without its blank lines, of which OLMES's stops would make the end."""
    return question({**row, "answer": BLANK_LINES.sub("\n", row["answer"])})


def spoken_question(row: Row) -> Question:
    """Take the question and the solution as OLMES writes it; a few-shot is written so already."""
    solution, marker, number = CALCULATION.sub("", row["answer"]).partition("\n#### ")
    if not marker:
        return question(row)
    steps = solution.strip().removesuffix(".")
    spoken = OPERATOR.sub(r" \1 ", f"{steps[:1].upper()}{steps[1:]}. So the answer is {number}.")
    return Question(text=row["question"], target=" ".join(spoken.split()))


def plain_number(text: str) -> str:
    """Write a number without sign of plus, commas and trailing zeros, so that 18.0 is 18."""
    number = text.replace(",", "").removeprefix("+").rstrip(".")
    return number.rstrip("0").rstrip(".") if "." in number else number


def without_commas(text: str) -> str:
    """Drop the commas, and nothing else."""
    return text.replace(",", "")


def lm_eval_number(text: str) -> str:
    """Drop what lm-eval's `regexes_to_ignore` drop, and compare without case."""
    for pattern in DROPPED:
        text = pattern.sub("", text)
    return text.lower()
