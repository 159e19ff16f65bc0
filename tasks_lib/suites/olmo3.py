"""The suites that OLMo 3 was developed with (Ai2 2025), member by member; OLMES's names are in docs/olmes.md.

Where OLMES pools splits (`xlarge`), we ask the one that is meant for evaluation.
"""

from tasks_lib.benchmarks.basic_skills import SKILLS
from tasks_lib.benchmarks.minerva_math import SUBJECTS
from tasks_lib.benchmarks.mt_mbpp import LANGUAGES
from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, suite

CLOZE = (
    "olmo3:arc", "mmlu-by-subject", "commonsenseqa", "hellaswag", "winogrande", "socialiqa", "piqa",
    "coqa_mc", "drop_mc", "jeopardy_mc", "nq_open_mc", "squad_mc", "sciq", "qasper_yesno",
    "olmo3:basic_skills", "lab_bench_dbqa", "lab_bench_protocolqa",
)  # fmt: skip
MEDICAL = ("medmcqa", "medqa_en", "sciriff_yesno")


@register_suite("olmo3:arc")
def arc() -> Suite:
    """Both parts of ARC."""
    return suite("arc_easy", "arc_challenge")


@register_suite("olmo3:basic_skills")
def basic_skills() -> Suite:
    """The six sets of basic skills."""
    return suite(*(f"basic_skills_{skill}" for skill in SKILLS))


@register_suite("olmo3:minerva_math")
def minerva_math() -> Suite:
    """The seven subjects of MATH."""
    return suite(*(f"minerva_math_{subject}" for subject in SUBJECTS))


@register_suite("olmo3:mt_mbpp")
def mt_mbpp() -> Suite:
    """MBPP in seventeen languages, with OLMES's later spacing."""
    return suite(*(f"mt_mbpp_{language}:v2fix" for language in LANGUAGES))


@register_suite("olmo3:base_easy:qa:rc")
def easy_questions() -> Suite:
    """Questions in the cloze form, for small models: 21 benchmarks, accuracy."""
    return suite(
        *(f"{task}:olmes:rc" for task in CLOZE),
        "lambada:olmes",
        *(f"{task}:olmes:rc" for task in MEDICAL),
    )


@register_suite("olmo3:base_easy:qa:bpb")
def easy_questions_in_bits() -> Suite:
    """The same 21 benchmarks in bits per byte of the right answer (lower is better)."""
    return suite(*(f"{task}:olmes:bpb" for task in (*CLOZE, "lambada", *MEDICAL)))


@register_suite("olmo3:base_easy:math:bpb")
def easy_mathematics() -> Suite:
    """Solutions of MATH in bits per byte (lower is better)."""
    return suite("olmo3:minerva_math:olmes:bpb")


@register_suite("olmo3:base_easy:code:bpb")
def easy_code() -> Suite:
    """Programs in bits per byte (lower is better): HumanEval, MBPP, MBPP in seventeen languages."""
    return suite("humaneval:olmes:bpb", "mbpp:olmes:bpb", "olmo3:mt_mbpp")


@register_suite("olmo3:base:mcqa_stem")
def stem() -> Suite:
    """Science, listed choices."""
    return suite(
        "olmo3:arc:olmes:mc", "mmlu:stem:olmes:mc", "medmcqa:olmes:mc", "medqa_en:olmes:mc", "sciq:olmes:mc"
    )


@register_suite("olmo3:base:mcqa_non_stem")
def non_stem() -> Suite:
    """Other knowledge, common sense and reading, listed choices."""
    categories = ("mmlu:humanities", "mmlu:social_sciences", "mmlu:other")
    tasks = (
        "commonsenseqa",
        "piqa",
        "socialiqa",
        "coqa_mc",
        "drop_mc",
        "jeopardy_mc",
        "nq_open_mc",
        "squad_mc",
    )
    return suite(*(f"{member}:olmes:mc" for member in (*categories, *tasks)))


@register_suite("olmo3:base:gen")
def free_answers() -> Suite:
    """Free answers and completions."""
    cloze = ("hellaswag:olmes:rc", "winogrande:olmes:rc", "lambada:olmes", "olmo3:basic_skills:olmes:rc")
    return suite(*cloze, *(f"{task}:olmes" for task in ("drop", "jeopardy", "nq_open", "squad", "coqa")))
