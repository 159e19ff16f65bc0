"""The exact request of each dialect, for rows written here."""

from pathlib import Path

import pytest

from assay.records import Pair, Question, Request, Sample
from tasks_lib.benchmarks.gsm8k import lm_eval_number, plain_number
from tasks_lib.benchmarks.hellaswag import lm_eval_clean, olmes_clean
from tasks_lib.benchmarks.humaneval import STOPS, completed, rewritten
from tasks_lib.questions import load
from tasks_lib.spec import resolve_task
from tasks_lib.task import Task
from tests.tasks_lib.rows import Rows, task_of

SUMS: Rows = [{"question": "Two hens lay 3 eggs each. How many eggs?", "answer": "2*3=6\n#### 6"}]
SUM_SHOTS: Rows = [{"question": f"What is {n}+{n}?", "answer": f"It doubles.\n#### {2 * n}"} for n in (1, 2)]
SCIENCE: Rows = [
    {
        "id": "s1",
        "question": "What melts?",
        "choices": {"text": ["ice", "a stone"], "label": ["1", "2"]},
        "answerKey": "1",
    }
]
SCIENCE_SHOTS: Rows = [
    {
        "id": f"t{n}",
        "question": f"What is wet ({n})?",
        "choices": {"text": ["dust", "rain"], "label": ["A", "B"]},
        "answerKey": "B",
    }
    for n in range(9)
]
EXAMS: Rows = [
    {"question": " Who rules? ", "choices": ["law", "men"], "answer": 0, "subject": "public_law"},
]
EXAM_SHOTS: Rows = [
    {"question": "Who judges?", "choices": ["a court", "a cat"], "answer": 0, "subject": "public_law"},
    {"question": "Who sings?", "choices": ["a stone", "a bird"], "answer": 1, "subject": "music"},
]
SCENES: Rows = [
    {
        "ind": 7,
        "source_id": "own~1",
        "activity_label": "Baking",
        "ctx_a": "A man bakes. [title] Bread [step] Heat  the   oven.",
        "ctx_b": "then he",
        "endings": ["waits.", "[header] sings ."],
        "label": "0",
    }
]


def only(task: Task) -> Request:
    loaded = load(task)
    return loaded.request(task, loaded.questions[0])


def pairs(context: str, *continuations: str) -> tuple[Pair, ...]:
    return tuple(Pair(context=context, continuation=text) for text in continuations)


SUM_PROMPT = """\
Question: What is 1+1?
Answer: It doubles.
#### 2

Question: What is 2+2?
Answer: It doubles.
#### 4

Question: Two hens lay 3 eggs each. How many eggs?
Answer:"""


def test_gsm8k(tmp_path: Path) -> None:
    fixed = task_of("gsm8k:2shot", tmp_path, SUMS, shots=SUM_SHOTS).with_(shot_rule="first")
    asked = only(fixed)
    assert (asked.kind, asked.prompt) == ("generate", SUM_PROMPT)
    assert [(turn.role, turn.content) for turn in asked.messages] == [
        ("user", "Question: What is 1+1?\nAnswer:"),
        ("assistant", "It doubles.\n#### 2"),
        ("user", "Question: What is 2+2?\nAnswer:"),
        ("assistant", "It doubles.\n#### 4"),
        ("user", "Question: Two hens lay 3 eggs each. How many eggs?\nAnswer:"),
    ]
    assert asked.sampling.stop == ("Question:",)


def test_gsm8k_lm_eval(tmp_path: Path) -> None:
    asked = only(task_of("gsm8k:lm-eval:2shot", tmp_path, SUMS, shots=SUM_SHOTS))
    first, second = SUM_PROMPT.split("\n\n")[:2]
    assert asked.prompt in {SUM_PROMPT, SUM_PROMPT.replace(f"{first}\n\n{second}", f"{second}\n\n{first}")}
    assert asked.sampling.stop == ("Question:", "</s>", "<|im_end|>")
    assert (asked.sampling.temperature, asked.sampling.max_tokens) == (0.0, 256)


def test_gsm8k_olmes(tmp_path: Path) -> None:
    task = task_of("gsm8k:olmes", tmp_path, SUMS, shots=SUM_SHOTS).with_(shots=2, shot_keys=())
    asked = only(task)
    assert asked.prompt == SUM_PROMPT
    assert (asked.sampling.stop, asked.sampling.max_tokens) == (("Question:", "\n\n"), 512)
    assert resolve_task("gsm8k:olmes", {}).shots == len(resolve_task("gsm8k:olmes", {}).shot_keys) == 8


@pytest.mark.parametrize(
    ("said", "plain", "openai", "strict", "flexible", "olmes"),
    [
        ("#### 1,250", 1, 1, 1, 1, 1),
        ("It is $1,250.", 1, None, None, 1, 1),
        ("#### 1250 not #### 7", 0, 1, 1, 0, 0),
        ("#### 1250.", 1, 0, 1, 1, 1),
        ("#### 1250.00", 1, 0, 0, 0, 0),
        ("First 7, then 1,250", 1, None, None, 1, 1),
        ("#### 1250.,", 1, 0, 1, 1, 1),
        ("It is 1250$", 1, None, None, 1, 1),
        ("It is 1250.$", 1, None, None, 1, 1),
        ("#### -1250", 0, 0, 0, 0, 0),
        ("nothing", None, None, None, None, None),
    ],
)
def test_gsm8k_by_each_rule(
    said: str, plain: object, openai: object, strict: object, flexible: object, olmes: object
) -> None:
    question = Question(id="q", text="?", target="So 5*250=<<5*250=1250>>1,250.\n#### 1,250")
    expected = {"": [plain], ":openai": [openai], ":lm-eval": [strict, flexible], ":olmes": [olmes]}
    for dialect, values in expected.items():
        task = resolve_task(f"gsm8k{dialect}", {})
        found = [
            metric.scorer.judge(question, Sample(question_id="q", output=said)).value
            for metric in task.metrics
        ]  # type: ignore[union-attr]
        assert found == values, dialect


def test_numbers_are_written_plainly() -> None:
    assert [plain_number(n) for n in ("18.0", "+18", "1,800", "18.50", "18.", "100")] == [
        "18", "18", "1800", "18.5", "18", "100",
    ]  # fmt: skip
    # lm-eval drops commas, then dollars, then all up to the mark, then one full stop at the end.
    assert [lm_eval_number(n) for n in ("a\nb #### $1,8.", "18.$", "18..", "#### 1 #### 2")] == [
        "18", "18", "18.", "2",
    ]  # fmt: skip


def test_arc(tmp_path: Path) -> None:
    asked = only(task_of("arc_easy", tmp_path, SCIENCE))
    assert asked.kind == "loglikelihood"
    assert asked.pairs == pairs("Question: What melts?\nAnswer:", " ice", " a stone")
    assert only(task_of("arc_challenge:lm-eval", tmp_path, SCIENCE)).pairs == asked.pairs
    names = [metric.name for metric in resolve_task("arc_challenge:lm-eval", {}).metrics]
    assert names == ["accuracy", "acc_norm"]


def _shot(number: int) -> str:
    return f"Question: What is wet ({number})?\nAnswer: rain\n\n"


def test_arc_olmes(tmp_path: Path) -> None:
    easy = "".join(map(_shot, (1, 2, 3, 4, 5))) + "Question: What melts?\nAnswer:"
    hard = "".join(map(_shot, (0, 1, 2, 3, 8))) + "Question: What melts?\nAnswer:"
    asked = only(task_of("arc_easy:olmes", tmp_path, SCIENCE, shots=SCIENCE_SHOTS))
    assert asked.pairs == pairs(easy, " ice", " a stone")
    asked = only(task_of("arc_challenge:olmes", tmp_path, SCIENCE, shots=SCIENCE_SHOTS))
    assert asked.pairs == pairs(hard, " ice", " a stone") + pairs("Answer:", " ice", " a stone")


def test_arc_olmes_with_listed_choices(tmp_path: Path) -> None:
    asked = only(task_of("arc_easy:olmes:1shot:mc", tmp_path, SCIENCE, shots=SCIENCE_SHOTS))
    context = (
        "Question: What is wet (1)?\n A. dust\n B. rain\nAnswer: B\n\n"
        "Question: What melts?\n A. ice\n B. a stone\nAnswer:"
    )
    assert asked.pairs == pairs(context, " A", " B")
    other_order = only(task_of("arc_easy:mc:1shot:olmes", tmp_path, SCIENCE, shots=SCIENCE_SHOTS))
    assert other_order.pairs == asked.pairs


def test_arc_as_text(tmp_path: Path) -> None:
    asked = only(task_of("arc_easy:text", tmp_path, SCIENCE))
    assert (asked.kind, asked.prompt) == ("generate", "Question: What melts?\nA. ice\nB. a stone\nAnswer:")


def test_arc_in_bits(tmp_path: Path) -> None:
    asked = only(task_of("arc_easy:bpb", tmp_path, SCIENCE))
    assert asked.pairs == pairs("Question: What melts?\nAnswer:", " ice")


LAW = "The following are multiple choice questions (with answers) about public law.\n\n"


def test_mmlu(tmp_path: Path) -> None:
    asked = only(task_of("mmlu:1shot", tmp_path, EXAMS, shots=EXAM_SHOTS))
    shot = "Who judges?\nA. a court\nB. a cat\nAnswer: A\n\n"
    question = "Who rules?\nA. law\nB. men\nAnswer:"
    assert asked.pairs == pairs(LAW + shot + question, " A", " B")
    bare = only(task_of("mmlu:lm-eval", tmp_path, EXAMS, shots=EXAM_SHOTS))
    assert bare.pairs == pairs(LAW + question, " A", " B")
    assert only(task_of("mmlu:lm-eval:1shot", tmp_path, EXAMS, shots=EXAM_SHOTS)).pairs == asked.pairs


def test_mmlu_olmes(tmp_path: Path) -> None:
    asked = only(task_of("mmlu:olmes:1shot", tmp_path, EXAMS, shots=EXAM_SHOTS))
    shot = "Question: Who judges?\n A. a court\n B. a cat\nAnswer: A\n\n"
    assert asked.pairs == pairs(LAW + shot + "Question: Who rules?\n A. law\n B. men\nAnswer:", " A", " B")
    assert resolve_task("mmlu:olmes", {}).shots == 5


def test_mmlu_cloze(tmp_path: Path) -> None:
    asked = only(task_of("mmlu:cloze:1shot", tmp_path, EXAMS, shots=EXAM_SHOTS))
    shot = "Question: Who judges?\nAnswer: a court\n\n"
    assert asked.pairs == pairs(LAW + shot + "Question: Who rules?\nAnswer:", " law", " men")
    bare = only(task_of("mmlu:continuation", tmp_path, EXAMS, shots=EXAM_SHOTS))
    intro = "The following are questions (with answers) about public law.\n\n"
    assert bare.pairs == pairs(intro + "Question: Who rules?\nAnswer:", " law", " men")


def test_mmlu_in_bits_has_the_text_of_the_choice(tmp_path: Path) -> None:
    asked = only(task_of("mmlu:0shot:bpb", tmp_path, EXAMS))
    assert asked.pairs == pairs(LAW + "Question: Who rules?\nAnswer:", " law")


def test_mmlu_as_text(tmp_path: Path) -> None:
    asked = only(task_of("mmlu:text:1shot", tmp_path, EXAMS, shots=EXAM_SHOTS))
    assert [turn.role for turn in asked.messages] == ["user", "assistant", "user"]
    assert asked.messages[0].content == LAW + "Who judges?\nA. a court\nB. a cat\nAnswer:"
    assert asked.messages[1].content == "A"


def test_hellaswag(tmp_path: Path) -> None:
    olmes = "Baking: A man bakes. Bread Heat the  oven. Then he"
    asked = only(task_of("hellaswag", tmp_path, SCENES))
    assert asked.pairs == pairs(olmes, " waits.", "  sings .")
    lm_eval = "Baking: A man bakes.. Bread Heat the  oven. Then he"
    asked = only(task_of("hellaswag:lm-eval", tmp_path, SCENES))
    assert asked.pairs == pairs(lm_eval, " waits.", "  sings .")


def test_hellaswag_olmes(tmp_path: Path) -> None:
    wanted = [(12, "wikihow~19"), (39, "wikihow~66"), (9, "activitynet~v_-2dxp-mv2zo")]
    shots = [
        SCENES[0] | {"ind": ind, "source_id": source, "ctx_a": f"Scene {ind}."} for ind, source in wanted
    ]
    decoys = [shot | {"source_id": "own~2", "ctx_a": "None."} for shot in shots]
    asked = only(task_of("hellaswag:olmes:3shot", tmp_path, SCENES, shots=[*decoys, *shots[::-1]]))
    solved = "".join(f"Baking: Scene {ind}. Then he waits.\n\n" for ind, _ in wanted)
    assert asked.pairs[0].context == solved + "Baking: A man bakes. Bread Heat the  oven. Then he"
    assert resolve_task("hellaswag:olmes", {}).shots == 5


def test_the_two_ways_of_cleaning_a_scene() -> None:
    text = " Stop. [title] Go [step]   on [substeps] now.  "
    assert olmes_clean(text) == "Stop. Go  on now."
    assert lm_eval_clean(text) == "Stop.. Go  on now."


CODE = Question(
    id="HumanEval/x",
    text='import os\n\n\ndef other():\n    pass\n\n\ndef twice(n):\n    """Double n."""\n',
    target="    return 2 * n\n",
    fields={"test": "def check(f):\n    assert f(2) == 4\n", "entry_point": "twice"},
)


def test_humaneval() -> None:
    task = resolve_task("humaneval", {})
    request = task.prompt.request(CODE, shots=(), sampling=task.generate)
    assert (request.prompt, request.messages) == (CODE.text, ())
    assert request.sampling.stop == STOPS == ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
    assert request.sampling.max_tokens == 1024
    assert (request.sampling.temperature, request.sampling.top_p) == (0.0, None)


def test_humaneval_program() -> None:
    program = completed(CODE, "    return 2 * n")
    assert program == (f"{CODE.text}    return 2 * n\ndef check(f):\n    assert f(2) == 4\n\ncheck(twice)\n")
    fenced = "```python\ndef twice(n):\n    return 2 * n\n```"
    assert fenced in completed(CODE, fenced)


@pytest.mark.parametrize(
    "said",
    [
        "def twice(n):\n    return 2 * n",
        "Here you are:\n```python\ndef twice(n):\n    return 2 * n\n```\nDone.",
        "```python\ndef helper(n):\n    return n\n\ndef twice(n):\n    return helper(n) * 2\n```",
        "    return 2 * n\n",
        "    def inner():\n        return 2 * n\n    return inner()\n",
    ],
)
def test_humaneval_takes_the_function_that_an_agent_or_a_chat_model_wrote(said: str) -> None:
    program = rewritten(CODE, said)
    assert program is not None
    assert program.startswith("import os\n\n\ndef other():")
    exec(program, {})
    with pytest.raises(AssertionError):
        exec(program.replace("f(2) == 4", "f(2) == 5"), {})


def test_humaneval_without_an_answer_has_no_program() -> None:
    assert rewritten(CODE, " \n") is None


def test_humaneval_with_64_samples() -> None:
    task = resolve_task("humaneval:64", {})
    assert (task.samples, task.generate.temperature, task.generate.top_p) == (64, 0.2, 0.95)
    assert [(m.name, m.reduction, m.k) for m in task.metrics] == [
        ("pass@1", "pass_at", 1),
        ("pass@10", "pass_at", 10),
        ("pass@64", "pass_at", 64),
    ]
    assert task.generate.stop == STOPS


@pytest.mark.parametrize(
    "spec", ["gsm8k", "gsm8k:lm-eval", "arc_easy:mc", "arc_challenge:olmes", "mmlu:olmes"]
)
def test_no_context_ends_in_white_space(spec: str, tmp_path: Path) -> None:
    rows, shots = {"g": (SUMS, SUM_SHOTS), "a": (SCIENCE, SCIENCE_SHOTS), "m": (EXAMS, EXAM_SHOTS)}[spec[0]]
    request = only(task_of(spec + ("" if "challenge" in spec else ":1shot"), tmp_path, rows, shots=shots))
    for context in (request.prompt, *(pair.context for pair in request.pairs)):
        assert context == context.rstrip()
