"""What other teams watch while they pretrain."""

from tasks_lib.benchmarks.basic_skills import SKILLS
from tasks_lib.benchmarks.mmlu import CATEGORIES
from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, suite

FINEWEB = (
    "commonsenseqa",
    "hellaswag",
    "openbookqa",
    "piqa",
    "socialiqa",
    "winogrande",
    "olmo3:arc",
    "mmlu:rc",
)
SIGNAL = (
    "arc_easy", "arc_challenge", "hellaswag", "winogrande", "commonsenseqa", "piqa", "socialiqa",
    *(f"basic_skills_{skill}" for skill in SKILLS),
)  # fmt: skip
GENERATED = (
    "gsm8k", "minerva_math_500", "humaneval", "mbpp", "coqa", "drop", "jeopardy", "nq_open", "squad",
    "lambada",
)  # fmt: skip


@register_suite("fineweb")
def fineweb() -> Suite:
    """The ablations of FineWeb: eight benchmarks, cloze, without few-shots (use --limit 1000)."""
    return suite(*FINEWEB[:-1], "mmlu:rc:0shot")


@register_suite("smollm3:base")
def smollm3() -> Suite:
    """SmolLM3's base evaluation: cloze without few-shots; GSM8K with five, MATH with Minerva's four."""
    cloze = ("hellaswag", "olmo3:arc", "mmlu:rc:0shot", "mmlu_pro:rc:0shot", "boolq", "commonsenseqa")
    rest = ("winogrande", "openbookqa", "piqa", "gsm8k:5shot", "minerva_math:olmes")
    return suite(*cloze, *rest)


@register_suite("in-loop:rc")
def in_loop() -> Suite:
    """Accuracy for small models while they train: what OLMo-core keeps, so no BoolQ and OpenBookQA."""
    return suite(*(f"{task}:olmes:rc" for task in SIGNAL), *(f"mmlu:{name}:olmes:rc" for name in CATEGORIES))


@register_suite("in-loop:bpb")
def in_loop_bits() -> Suite:
    """Bits per byte for small models while they train: the same benchmarks, and gold answers of others."""
    categories = (f"mmlu:{name}:olmes:bpb" for name in CATEGORIES)
    return suite(*(f"{task}:olmes:bpb" for task in (*SIGNAL, *GENERATED)), *categories)
