"""CORE of DataComp-LM: 22 tasks in the rows and the form of MosaicML's gauntlet (Li et al. 2024).

Asked as llm-foundry does: few-shots from the evaluated rows themselves, one line break between them, the
likelihood of choices averaged over tokens. `centred` is (score - chance) / (1 - chance), by DCLM's table
of chances, whose 62 and 40.3 % for BoolQ and CommonsenseQA are not those of a coin.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from assay.errors import DatasetNotFound
from assay.records import Question
from tasks_lib.metrics import centred, choice_accuracy, greedy_accuracy
from tasks_lib.prompts import GAP, ChoicePrompt, CompletionPrompt, GoldPrompt, SchemaPrompt
from tasks_lib.registry import register
from tasks_lib.sources import Hub
from tasks_lib.task import Metric, Prompt, Row, Task

ELSEWHERE = (
    "The rows of CORE are not on the Hub but in llm-foundry (scripts/eval/local_data): name the file of this "
    "task, -o source=FILE, or a mirror that holds them as dclm/core."
)
ANSWER = "\nAnswer:"


class Form(NamedTuple):
    """How a task of CORE is asked."""

    kind: str
    """`choices`, `text` or `schema`."""
    shots: int
    chance: float
    delimiter: str = ""
    """What parts question and answer, beside the blank."""
    rows: str = ""
    """The set of rows, where it is not that of the task's name."""
    category: str = ""
    """Of the rows, those to ask."""


JEOPARDY = ("american_history", "literature", "science", "word_origins", "world_history")
CORE = {
    "agi_eval_lsat_ar": Form("choices", 3, 0.25),
    "arc_challenge": Form("choices", 10, 0.25, ANSWER),
    "arc_easy": Form("choices", 10, 0.25, ANSWER),
    "bigbench_cs_algorithms": Form("text", 10, 0.0),
    "bigbench_dyck_languages": Form("text", 10, 0.0),
    "bigbench_language_identification": Form("choices", 10, 0.25),
    "bigbench_operators": Form("text", 10, 0.0),
    "bigbench_qa_wikidata": Form("text", 10, 0.0),
    "bigbench_repeat_copy_logic": Form("text", 10, 0.0),
    "boolq": Form("choices", 10, 0.62, ANSWER),
    "commonsense_qa": Form("choices", 10, 0.403),
    "copa": Form("choices", 0, 0.5),
    "coqa": Form("text", 0, 0.0),
    "hellaswag": Form("choices", 10, 0.25),
    "hellaswag_zeroshot": Form("choices", 0, 0.25, rows="hellaswag"),
    **{
        f"jeopardy_{category}": Form("text", 10, 0.0, ANSWER, rows="jeopardy", category=category)
        for category in JEOPARDY
    },
    "lambada_openai": Form("text", 0, 0.0),
    "openbook_qa": Form("choices", 0, 0.25),
    "piqa": Form("choices", 10, 0.5, ANSWER),
    "squad": Form("text", 10, 0.0),
    "winograd": Form("schema", 0, 0.5),
    "winogrande": Form("schema", 0, 0.5),
}


@dataclass(frozen=True)
class Category(Hub):
    """The rows of one category."""

    category: str = ""

    def rows(self) -> Iterator[Row]:
        """Yield them in the official order; raises DataError."""
        try:
            rows = super().rows()
        except DatasetNotFound as error:
            raise DatasetNotFound(error.what, remedy=ELSEWHERE) from error
        return (row for row in rows if not self.category or row["category"] == self.category)


def core_task(name: str) -> Task:
    """Build one task of CORE."""
    form = CORE[name]
    source = Category("dclm/core", form.rows or name, split="test", category=form.category)
    return Task(
        source=source,
        fewshot=source,
        shots=form.shots,
        shot_rule="llm-foundry",
        question=QUESTIONS[form.kind],
        prompt=_prompt(form),
        metrics=[centred(_accuracy(form), chance=form.chance), _accuracy(form)],
    )


def _prompt(form: Form) -> Prompt:
    template = f"{{text}}{form.delimiter}"
    match form.kind:
        case "choices":
            return ChoicePrompt(template=template, separator="\n")
        case "schema":
            return SchemaPrompt(separator="\n")
    return GoldPrompt(inner=CompletionPrompt(template=template, separator="\n"))


def _accuracy(form: Form) -> Metric:
    return greedy_accuracy() if form.kind == "text" else choice_accuracy("tokens")


def choice_question(row: Row) -> Question:
    """Take query and choices, without outer white space."""
    choices = tuple(choice.strip() for choice in row["choices"])
    return Question(text=row["query"].strip(), choices=choices, answer=row["gold"])


def text_question(row: Row) -> Question:
    """Take context and continuation, without outer white space."""
    return Question(text=row["context"].strip(), target=row["continuation"].strip())


def schema_question(row: Row) -> Question:
    """Take the contexts as the choices of a gap, and what continues them."""
    contexts = tuple(context.strip() for context in row["context_options"])
    return Question(text=f"{GAP} {row['continuation'].strip()}", choices=contexts, answer=row["gold"])


QUESTIONS = {"choices": choice_question, "text": text_question, "schema": schema_question}
for _name in CORE:
    register(f"dclm_{_name}", about=f"CORE of DataComp-LM: {_name.replace('_', ' ')}.")(
        partial(core_task, _name)
    )
