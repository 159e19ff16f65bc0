"""The suites of OLMo 3 whose tasks are answered in words: mathematics, programs, held-out tasks, chat.

A member whose benchmark is not installed counts as absent, so that the suite has no number rather than
another one.
"""

from tasks_lib.benchmarks.minerva_math import SUBJECTS
from tasks_lib.registry import register_suite
from tasks_lib.spec import is_known
from tasks_lib.suites.suite import Aggregate, Suite, suite

NOT_INSTALLED = "no task of this name is installed"
PAIRS = {"alpaca_eval": "a judge compares pairs of answers, corrected for their length"}
LANGUAGES = ("cpp", "java", "js", "php", "rs", "sh")
CHAT = (
    "mmlu-by-subject:cot", "popqa", "simpleqa", "bbh:cot", "gpqa", "zebralogic", "agieval",
    "olmo3:math_answers:chat", "gsm8k:chat", "omega", "aime24", "aime25",
    "humanevalplus:instruct", "mbppplus:instruct", "livecodebench", "ifeval", "ifbench",
)  # fmt: skip


def installed(*specs: str, aggregate: Aggregate = "average", absent: dict[str, str] | None = None) -> Suite:
    """Make a suite of the members whose task is installed; the others are absent."""
    members = [spec for spec in specs if is_known(spec)]
    lacking = {spec: NOT_INSTALLED for spec in specs if spec not in members}
    return suite(*members, aggregate=aggregate, absent={**lacking, **(absent or {})})


@register_suite("olmo3:gsm_symbolic")
def gsm_symbolic() -> Suite:
    """GSM-Symbolic: its templates as they are, with one clause more, and with two."""
    return installed("gsm_symbolic", "gsm_symbolic:p1", "gsm_symbolic:p2")


@register_suite("olmo3:math_answers")
def math_answers() -> Suite:
    """The seven subjects of MATH, worked out."""
    return installed(*(f"minerva_math:subject-{subject}" for subject in SUBJECTS))


@register_suite("olmo3:base:math")
def mathematics() -> Suite:
    """Word problems and competition problems, several answers to each."""
    return installed("gsm8k:olmo3base", "olmo3:gsm_symbolic:olmo3base", "olmo3:math_answers:olmo3base")


@register_suite("olmo3:multipl_e:humaneval")
def translated_humaneval() -> Suite:
    """HumanEval in six languages."""
    return installed(*(f"multipl_e:humaneval-{language}" for language in LANGUAGES))


@register_suite("olmo3:multipl_e:mbpp")
def translated_mbpp() -> Suite:
    """MBPP in six languages."""
    return installed(*(f"multipl_e:mbpp-{language}" for language in LANGUAGES))


@register_suite("olmo3:base:code")
def code() -> Suite:
    """Programs, several to each question, judged by running them."""
    tasks = ("bigcodebench", "humaneval", "deepseek_leetcode", "ds1000", "mbpp")
    translated = ("olmo3:multipl_e:humaneval", "olmo3:multipl_e:mbpp")
    return installed(*(f"{member}:olmo3base" for member in (*tasks, *translated)))


@register_suite("olmo3:base:code_fim")
def code_to_fill_in() -> Suite:
    """Gaps of a line, of several lines and of some letters, asked by OLMo's special tokens."""
    return installed(
        *(f"humaneval_infilling:{kind}:olmo:olmo3base" for kind in ("single", "multi", "random"))
    )


@register_suite("olmo3:heldout")
def held_out() -> Suite:
    """Tasks that OLMo 3's development did not look at, shown together."""
    return installed("bbh:cot", "mmlu_pro:mc", "deepmind_math", "lbpp:olmo3base", aggregate="none")


@register_suite("olmo3:instruct")
def instruct() -> Suite:
    """Knowledge, reasoning, mathematics, code and instructions for chat models, shown together."""
    return installed(*(f"{member}:olmo3chat" for member in CHAT), aggregate="none", absent=PAIRS)


@register_suite("olmo3:think")
def think() -> Suite:
    """The same tasks for models that think first; OLMES asks both alike."""
    return instruct()
