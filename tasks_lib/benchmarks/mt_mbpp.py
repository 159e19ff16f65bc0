"""MBPP in seventeen programming languages, translated by a model (Ai2 2025): bits per byte of solutions."""

from functools import partial

from assay.records import Question
from tasks_lib.metrics import bits_metrics
from tasks_lib.olmes import DrawnShots, PackagedShots
from tasks_lib.prompts import CompletionPrompt, GoldPrompt
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "allenai/multilingual_mbpp"
LANGUAGES = (
    "bash", "c", "cpp", "csharp", "go", "haskell", "java", "javascript", "matlab", "php", "python", "r",
    "ruby", "rust", "scala", "swift", "typescript",
)  # fmt: skip


OLMES_SHOT = r"(?P<text>[^`]*?)\n```(?P<language>\w+)\n(?P<code>.*?)\n```\n\n"
SOLVED = "{text}\n```{language}\n{target}\n```"


def mt_mbpp(language: str) -> Task:
    """Measure the bits per byte of a solution in one language, after the task in words."""
    prompt = _opened("{text}\n```{language}\n")
    packaged = PackagedShots(f"mt_mbpp_{language}/gold_bpb_3shot", OLMES_SHOT)
    return Task(
        source=Hub(DATASET, language, split="test"),
        fewshot=DrawnShots(Hub(DATASET, language, split="prompt"), packaged, count=3, shuffled=True),
        shot_rule="fixed",
        question=question,
        prompt=prompt,
        metrics=bits_metrics(prompt),
    )


def olmes(task: Task) -> Task:
    """Follow OLMES: Windows line breaks kept, and none around the opening of the block to be filled."""
    prompt = _opened("{text}```{language}")
    return task.with_(
        question=raw_question, prompt=prompt, shots=3, metrics=bits_metrics(prompt, dialect="olmes")
    )


def v2fix(task: Task) -> Task:
    """Follow OLMES's later `mt_mbpp_v2fix`: three shots of a shuffle, the block opened as in them."""
    return task.with_(shots=3, metrics=bits_metrics(task.prompt, dialect="olmes"))


def _opened(template: str) -> GoldPrompt:
    return GoldPrompt(inner=CompletionPrompt(template=template, target="{target}\n```", solved=SOLVED))


def raw_question(row: Row) -> Question:
    """Take the task in words and the solution, line breaks as they are."""
    return Question(
        id=str(row.get("task_id", "")),
        text=row["text"].strip(),
        target=row["code"].strip(),
        fields={"language": row["language"]},
    )


def question(row: Row) -> Question:
    """Take the same with plain line breaks."""
    return raw_question({**row, **{key: row[key].replace("\r\n", "\n") for key in ("text", "code")}})


for _language in LANGUAGES:
    _name = f"mt_mbpp_{_language}"
    register(_name, about=f"MBPP in {_language}: bits per byte of the solution.")(partial(mt_mbpp, _language))
    register_variant(_name, "olmes")(olmes)
    register_variant(_name, "v2fix")(v2fix)
