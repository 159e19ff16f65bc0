"""MATH in Minerva's form: competition problems and their solutions (Hendrycks et al. 2021)."""

from functools import partial

from assay.records import Question
from tasks_lib.metrics import bits_metrics
from tasks_lib.olmes import PackagedShots
from tasks_lib.prompts import GoldPrompt, completion
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Source, Task

SUBJECTS = (
    "algebra", "counting_and_probability", "geometry", "intermediate_algebra", "number_theory", "prealgebra",
    "precalculus",
)  # fmt: skip
OLMES_KEYS = ("f9da31dbde39adb4", "b27743d050e175c3", "d1d52e9434f98849", "33721ebbd487d01d")
OLMES_SHOT = r"Problem:\n(?P<problem>.*?)\n\nSolution: (?P<solution>.*?)\n\n(?=Problem:)"


def minerva_math(source: Source) -> Task:
    """Measure the bits per byte of the solution after the problem."""
    prompt = GoldPrompt(inner=completion("Problem:\n{text}\n\nSolution:"))
    return Task(source=source, question=question, prompt=prompt, metrics=bits_metrics(prompt))


def olmes(task: Task) -> Task:
    """Follow OLMES: Minerva's four problems, which its package holds, solved before each."""
    return task.with_(
        fewshot=PackagedShots("minerva_math_500/gold_bpb_0shot", OLMES_SHOT),
        shots=4,
        shot_rule="fixed",
        shot_keys=OLMES_KEYS,
        metrics=bits_metrics(task.prompt, dialect="olmes"),
    )


def question(row: Row) -> Question:
    """Take the problem and its solution."""
    return Question(
        id=row.get("unique_id", ""),
        text=row["problem"],
        target=row["solution"],
        fields={"level": str(row.get("level", "")), "answer": row.get("answer")},
    )


SOURCES = {
    **{f"minerva_math_{name}": Hub("EleutherAI/hendrycks_math", name) for name in SUBJECTS},
    "minerva_math_500": Hub("HuggingFaceH4/MATH-500"),
}
for _name, _source in SOURCES.items():
    _about = _name.removeprefix("minerva_math_").replace("_", " ")
    register(_name, about=f"Problems of MATH ({_about}): bits per byte of the solution.")(
        partial(minerva_math, _source)
    )
    register_variant(_name, "olmes")(olmes)
