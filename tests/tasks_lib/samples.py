"""A mirror of rows written here, in the columns of the real data sets: every family can be proved on it."""

import base64
import pickle
import zlib
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from tests.tasks_lib.rows import Rows

Key = tuple[str, str, str]
"""Id, configuration and split."""


def _choices(*texts: str, labels: str = "ABCDE") -> dict[str, object]:
    return {"text": list(texts), "label": list(labels[: len(texts)])}


def _exam(*gold: int) -> Rows:
    return [
        {
            "query": f"Q: What is {n}? Answer Choices: (A)no (B)yes\nA: Among A through B, the answer is",
            "choices": ["(A)no", "(B)yes"],
            "gold": [answer],
        }
        for n, answer in enumerate(gold)
    ]


def _twin(before: str) -> Rows:
    return [
        {
            "id": f"t{n}",
            "question_original": f"Who sang {n}?",
            "choices": _choices("a bird", "a stone"),
            "query_original": f"{before}Question: Who sang {n}?\nAnswer:",
            "answerKey": "A",
        }
        for n in range(2)
    ]


def packed(value: object) -> str:
    """Pack a value as LBPP does, so that nobody trains on it by accident."""
    text = orjson.dumps(value).decode()
    return base64.b64encode(zlib.compress(pickle.dumps(text))).decode()


def _core(**rows: object) -> Rows:
    """Rows of one form, twelve of them, since ten are shots of each."""
    return [{key: _numbered(value, n) for key, value in rows.items()} for n in range(12)]


def _numbered(value: object, n: int) -> object:
    if isinstance(value, str):
        return value.replace("#", str(n))
    return [_numbered(each, n) for each in value] if isinstance(value, list) else value


MULTIPLE = {"query": "Question: What is #?", "choices": ["a # ", "b #"], "gold": 1}
TEXT = {"context": "The number # is ", "continuation": "word#"}
SCHEMA = {
    "context_options": ["The ice is on # and # ", "The fire is on # and # "],
    "continuation": "melts.",
    "gold": 0,
}
MATHS: Rows = [
    {
        "problem": f"What is {n}+{n}?",
        "level": "Level 1",
        "type": "Algebra",
        "solution": f"It is $\\boxed{{{2 * n}}}$.",
    }
    for n in range(2)
]
PROGRAMS: Rows = [
    {
        "task_id": 11 + n,
        "text": f"Write a function to add {n}.",
        "code": f"def add{n}(x):\r\n  return x + {n}",
        "test_list": [f"assert add{n}(1) == {1 + n}", f"assert add{n}(2) == {2 + n}"],
        "test_setup_code": "",
        "challenge_test_list": [],
        "language": "python",
    }
    for n in range(2)
]
PROMPTS: Rows = [{**row, "task_id": n + 1} for n, row in enumerate(PROGRAMS * 2)]
SKILLS: Rows = [
    {"id": str(n), "question": f"{n} + 1 =", "answer": str(n + 1), "wrong_answers": ["77", "88", "99"]}
    for n in range(7)
]
MIRROR: dict[Key, Rows] = {
    **{
        ("hails/agieval-" + name, "default", "test"): _exam(0, 1)
        for name in (
            "aqua-rat",
            "gaokao-biology",
            "gaokao-chemistry",
            "gaokao-chinese",
            "gaokao-english",
            "gaokao-geography",
            "gaokao-history",
            "lsat-ar",
            "lsat-lr",
            "lsat-rc",
            "sat-en",
            "sat-en-without-passage",
            "sat-math",
        )
    },
    **{
        ("allenai/ai2_arc", name, "test"): [
            {
                "id": "s1",
                "question": "What melts?",
                "choices": _choices("ice", "a stone", labels="12"),
                "answerKey": "1",
            },
            {"id": "s2", "question": "What burns?", "choices": _choices("ice", "wood"), "answerKey": "B"},
        ]
        for name in ("ARC-Easy", "ARC-Challenge")
    },
    **{
        ("allenai/basic-skills", name, "validation"): SKILLS
        for name in (
            "arithmetic",
            "coding",
            "common_knowledge",
            "logical_reasoning",
            "pattern",
            "string_operations",
        )
    },
    ("facebook/belebele", "eng_Latn", "test"): [
        {
            "link": "w",
            "flores_passage": "It rained.",
            "question": "Did it rain?",
            "correct_answer_num": "2",
            "mc_answer1": "no",
            "mc_answer2": "yes",
            "mc_answer3": "once",
            "mc_answer4": "twice",
        },
    ],
    ("aps/super_glue", "boolq", "validation"): [
        {"question": "is ice cold", "passage": "Ice -- Ice is cold.", "idx": 0, "label": 1},
        {"question": "is ice hot", "passage": "Ice -- Ice is cold.", "idx": 1, "label": 0},
    ],
    ("aps/super_glue", "copa", "validation"): [
        {
            "premise": "It rained.",
            "choice1": "The street dried.",
            "choice2": "The street got wet.",
            "question": "effect",
            "idx": 0,
            "label": 1,
        },
        {
            "premise": "He fell.",
            "choice1": "He slipped.",
            "choice2": "He sang.",
            "question": "cause",
            "idx": 1,
            "label": 0,
        },
    ],
    ("tau/commonsense_qa", "default", "validation"): [
        {
            "id": "c1",
            "question": "Where is milk?",
            "question_concept": "milk",
            "answerKey": "C",
            "choices": _choices("a tree", "a lamp", "a cow", "a shoe", "a star"),
        },
    ],
    ("sarahwie/copycolors_mcqa", "10_answer_choices", "test"): [
        {
            "id": 4,
            "question": "Snow is white. What color is snow?",
            "answerKey": "C",
            "choices": _choices("red", "blue", "white"),
        },
    ],
    ("EleutherAI/coqa", "default", "validation"): [
        {
            "id": "talk",
            "source": "own",
            "story": "Tom has a cat.",
            "questions": {"input_text": ["Who has a cat?", "What has he?"], "turn_id": [1, 2]},
            "answers": {"input_text": ["Tom", "a cat"], "turn_id": [1, 2]},
            "additional_answers": {
                key: {"input_text": [f"Tom {key}", f"cat {key}"], "turn_id": [1, 2]} for key in "012"
            },
        },
    ],
    **{
        (f"allenai/{name}_mc", "default", "validation"): _twin(before)
        for name, before in (
            ("coqa", "Passage: A bird sang.\n\nFinal question:\n\n"),
            ("drop", "Passage: A bird sang.\n"),
            ("jeopardy", "Category: MUSIC\n"),
            ("nq_open", ""),
            ("squad", "Title: Birds\nBackground: A bird sang.\n"),
        )
    },
    **{
        ("dclm/core", name, "test"): _core(**MULTIPLE)
        for name in (
            "agi_eval_lsat_ar",
            "arc_challenge",
            "arc_easy",
            "bigbench_language_identification",
            "boolq",
            "commonsense_qa",
            "copa",
            "hellaswag",
            "openbook_qa",
            "piqa",
        )
    },
    **{
        ("dclm/core", name, "test"): _core(**TEXT)
        for name in (
            "bigbench_cs_algorithms",
            "bigbench_dyck_languages",
            "bigbench_operators",
            "bigbench_qa_wikidata",
            "bigbench_repeat_copy_logic",
            "coqa",
            "lambada_openai",
            "squad",
        )
    },
    ("dclm/core", "jeopardy", "test"): [
        row
        for name in ("american_history", "literature", "science", "word_origins", "world_history")
        for row in _core(**TEXT, category=name)
    ],
    **{("dclm/core", name, "test"): _core(**SCHEMA) for name in ("winograd", "winogrande")},
    ("EleutherAI/drop", "default", "validation"): [
        {
            "section_id": "s",
            "passage": "Two and three make five.",
            "question": "How many?",
            "query_id": "d1",
            "answer": {"number": "5", "date": {"day": "", "month": "", "year": ""}, "spans": []},
            "validated_answers": {
                "number": ["", ""],
                "date": [{"day": "", "month": "", "year": ""}] * 2,
                "spans": [["five"], ["five"]],
            },
        },
        {
            "section_id": "s",
            "passage": "It was June 1344.",
            "question": "When?",
            "query_id": "d2",
            "answer": {"number": "", "date": {"day": "", "month": "June", "year": "1344"}, "spans": []},
            "validated_answers": {"number": [], "date": [], "spans": []},
        },
        {
            "section_id": "s",
            "passage": "Ann and Bob came.",
            "question": "Who?",
            "query_id": "d3",
            "answer": {"number": "", "date": {"day": "", "month": "", "year": ""}, "spans": ["Ann", "Bob"]},
            "validated_answers": {"number": [], "date": [], "spans": []},
        },
    ],
    ("CohereForAI/Global-MMLU", "en", "test"): [
        {
            "sample_id": "g1",
            "subject": "anatomy",
            "question": "Where is the heart?",
            "answer": "B",
            "option_a": "foot",
            "option_b": "chest",
            "option_c": "hand",
            "option_d": "ear",
        },
    ],
    ("openai/gsm8k", "main", "test"): [
        {
            "question": "Two hens lay 3 eggs each. How many?",
            "answer": "they lay 2*3=<<2*3=6>>6 eggs\nSo 6.\n#### 6",
        },
        {"question": "How cold?", "answer": "-4-6 = <<-4-6=-10>>-10 degrees.\n#### -10"},
    ],
    ("Rowan/hellaswag", "default", "validation"): [
        {
            "ind": 7,
            "source_id": "own~1",
            "activity_label": "Baking",
            "ctx_a": "[header] How to bake [title] Heat it. [step] Wait.",
            "ctx_b": "",
            "endings": ["[step] It rises.", "It sings."],
            "label": "0",
        },
        {
            "ind": 8,
            "source_id": "own~2",
            "activity_label": "Baking",
            "ctx_a": "A man bakes.",
            "ctx_b": "then he",
            "endings": ["waits.", "flies."],
            "label": "0",
        },
    ],
    ("openai/openai_humaneval", "openai_humaneval", "test"): [
        {
            "task_id": f"HumanEval/{n}",
            "prompt": f"def add{n}(x):\n",
            "canonical_solution": f"    return x + {n}\n",
            "test": f"def check(candidate):\n    assert candidate(1) == {n + 1}\n",
            "entry_point": f"add{n}",
        }
        for n in range(5)
    ],
    ("soldni/jeopardy", "mosaicml_gauntlet", "train"): [
        {
            "context": "WORD ORIGINS: It may come from the: left",
            "continuation": "north",
            "category": "word_origins",
        },
    ],
    **{
        ("futurehouse/lab-bench", name, "train"): [
            {
                "id": f"l{n}",
                "question": f"Which gene is {n}? ",
                "ideal": f"G{n}",
                "distractors": ["X", "Y", "Z"],
            }
            for n in range(4)
        ]
        for name in ("DbQA", "ProtocolQA")
    },
    ("EleutherAI/lambada_openai", "default", "test"): [
        {"text": 'He saw a light.\n\n"Look," she said, and pointed at the light'},
    ],
    ("CohereLabs/lbpp", "python", "test"): [
        {
            "task_id": "lbpp/0",
            "instruction": "Write a function to add 0.",
            "signature": "def add(x: int) -> int:",
            "completion": packed("def add(x: int) -> int:\n    return x"),
            "test_setup": packed("from code import add\n"),
            "test_list": packed(["assert add(2) == 2", "assert add(3) == 3"]),
        }
    ],
    ("davidheineman/deepseek-leetcode", "default", "test"): [
        {
            "task_id": "3000. Add nothing",
            "prompt": "class Solution:\n    def add(self, x: int) -> int:\n",
            "test": "assert Solution().add(2) == 2",
        }
    ],
    ("google-research-datasets/mbpp", "full", "test"): PROGRAMS,
    ("google-research-datasets/mbpp", "full", "prompt"): PROMPTS,
    **{
        ("allenai/multilingual_mbpp", name, split): rows
        for name in (
            "bash",
            "c",
            "cpp",
            "csharp",
            "go",
            "haskell",
            "java",
            "javascript",
            "matlab",
            "php",
            "python",
            "r",
            "ruby",
            "rust",
            "scala",
            "swift",
            "typescript",
        )
        for split, rows in (("test", PROGRAMS), ("prompt", PROMPTS))
    },
    ("openlifescienceai/medmcqa", "default", "validation"): [
        {
            "id": "m1",
            "question": "Which heals?",
            "opa": "rest",
            "opb": "rust",
            "opc": "rain",
            "opd": "ruin",
            "cop": 0,
            "subject_name": "Care",
        },
    ],
    ("davidheineman/medqa-en", "default", "test"): [
        {"question": "A boy coughs. What now?", "choices": ["tea", "tar"], "answer_idx": 0, "answer": "tea"},
    ],
    ("HuggingFaceH4/MATH-500", "default", "test"): [
        {**row, "answer": str(2 * n), "unique_id": f"u{n}"} for n, row in enumerate(MATHS)
    ],
    **{
        ("EleutherAI/hendrycks_math", name, "test"): MATHS
        for name in (
            "algebra",
            "counting_and_probability",
            "geometry",
            "intermediate_algebra",
            "number_theory",
            "prealgebra",
            "precalculus",
        )
    },
    ("cais/mmlu", "all", "test"): [
        {"question": " Who rules? ", "choices": ["law", "men"], "answer": 0, "subject": "public_law"},
    ],
    ("cais/mmlu", "all", "dev"): [
        {
            "question": f"Who judges ({n})?",
            "choices": ["a court", "a cat"],
            "answer": 0,
            "subject": "public_law",
        }
        for n in range(5)
    ],
    ("TIGER-Lab/MMLU-Pro", "default", "test"): [
        {
            "question_id": 70,
            "question": "Who sings?",
            "options": ["a stone", "a bird"],
            "answer_index": 1,
            "category": "music",
            "cot_content": "",
        },
    ],
    ("google-research-datasets/nq_open", "nq_open", "validation"): [
        {"question": "who sang first", "answer": ["a bird", "bird"]},
    ],
    ("allenai/openbookqa", "main", "test"): [
        {"id": "o1", "question_stem": "Plants need", "choices": _choices("light", "noise"), "answerKey": "A"},
    ],
    ("ybisk/piqa", "plain_text", "validation"): [
        {"goal": "To cool tea,", "sol1": "add ice.", "sol2": "add fire.", "label": 0},
    ],
    ("allenai/qasper-yesno", "default", "train"): [
        {"id": f"q{n}", "question": f"Is it {n}?", "evidence": [f"It is {n}.", "Yes."], "answer": "Yes"}
        for n in range(6)
    ],
    ("allenai/sciriff-yesno", "default", "train"): [
        {"id": f"r{n}", "question": f"Is it {n}?", "context": f"It is not {n}.", "answer": "No"}
        for n in range(6)
    ],
    ("ehovy/race", "high", "test"): [
        {
            "example_id": "r.txt",
            "article": "A bird sang.",
            "answer": "B",
            "question": "Who sang?",
            "options": ["a stone", "a bird", "a lamp", "a shoe"],
        },
    ],
    **{
        ("allenai/sciq", "default", split): [
            {
                "question": f"What is wet ({split} {n})?",
                "distractor1": "dust",
                "distractor2": "sand",
                "distractor3": "salt",
                "correct_answer": "rain",
                "support": " Rain is wet." if n else "",
            }
            for n in range(6)
        ]
        for split in ("validation", "train", "test")
    },
    ("allenai/social_i_qa", "default", "validation"): [
        {
            "context": "Lee fell.",
            "question": "How does Lee feel?",
            "answerA": "hurt",
            "answerB": "rich",
            "answerC": "tall",
            "label": "1",
        },
    ],
    ("rajpurkar/squad", "plain_text", "validation"): [
        {
            "id": "56",
            "title": "Super_Bowl",
            "context": "The Broncos won.",
            "question": "Who won?",
            "answers": {"text": ["Broncos", "The Broncos"], "answer_start": [4, 0]},
        },
    ],
    ("mandarjoshi/trivia_qa", "rc.wikipedia.nocontext", "validation"): [
        {
            "question": "Who sang?",
            "question_id": "tc_1",
            "answer": {"value": "Bird", "aliases": ["Bird", "A bird"]},
        },
    ],
    ("allenai/winogrande", "winogrande_xl", "validation"): [
        {
            "sentence": "Ann thanked Eve, since _ had  helped.",
            "option1": "Ann",
            "option2": "Eve",
            "answer": "2",
        },
    ],
}


def write_mirror(folder: Path) -> Path:
    """Write all rows as Parquet, in the layout that ASSAY_DATASETS_DIR names."""
    for (name, config, split), rows in MIRROR.items():
        file = folder / name / config / f"{split}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), file)
    return folder
