"""LBPP: Python programs that are less basic than MBPP's (Matton et al. 2024); no mirror holds them."""

from assay.records import Question, Sampling
from tasks_lib.benchmarks.mbpp import ASK, OPEN, SECONDS, opened_program, program
from tasks_lib.metrics import pass_at
from tasks_lib.packed import unpacked
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.program import PassesTests
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task


@register("lbpp")
def lbpp() -> Task:
    """Python programs that are less basic than MBPP's, judged by running all tests; not in the mirror."""
    return Task(
        source=Hub("CohereLabs/lbpp", "python", split="test"),
        question=question,
        prompt=completion(ASK, target="```python\n{target}\n```"),
        metrics=pass_at(PassesTests(assemble=program, seconds=SECONDS), 1),
        generate=Sampling(max_tokens=4096, stop=("\nassert",)),
    )


@register_variant("lbpp", "olmo3base")
def olmo3base(task: Task) -> Task:
    """Follow OLMo 3's base evaluation: 32 answers at temperature 0.6, pass@1 to 16."""
    stop = ("```", '\n"""', "\nassert", "\n#")
    return task.with_(
        prompt=completion(ASK + "Here is the completed function:\n\n" + OPEN, target="{target}"),
        samples=32,
        generate=Sampling(max_tokens=4096, temperature=0.6, top_p=0.6, stop=stop),
        metrics=pass_at(PassesTests(assemble=opened_program, seconds=SECONDS), 1, 2, 4, 8, 16),
    )


def question(row: Row) -> Question:
    """Take the sentence, the reference solution and the tests, all but the first of which are packed.

    The first line of the tests imports the answer from a module `code`; here both are one program.
    """
    setup, tests = str(unpacked(row["test_setup"])), unpacked(row["test_list"])
    assert isinstance(tests, list)
    lines = "\n".join([setup, *map(str, tests)]).strip().splitlines()
    return Question(
        id=row["task_id"],
        text=row["instruction"].strip(),
        target=str(unpacked(row["completion"])).strip(),
        fields={
            "test": "\n".join(line for line in lines if not line.startswith("from code import")),
            "example": str(tests[0]),
            "signature": row["signature"],
        },
    )
