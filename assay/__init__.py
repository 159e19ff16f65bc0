"""The public surface of Assay. A name is loaded when it is first used: the import costs next to nothing."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.api.compare import compare as compare
    from assay.api.evaluate import evaluate as evaluate
    from assay.api.result import Result as Result
    from assay.api.runs import Runs as Runs
    from assay.api.runs import load_run as load_run
    from assay.api.runs import runs as runs
    from assay.api.scores import ScoredSample as ScoredSample
    from assay.api.scores import ScoreTable as ScoreTable
    from assay.errors import AssayError as AssayError
    from assay.events import emit_checkpoint as emit_checkpoint
    from assay.records import Call as Call
    from assay.records import Checkpoint as Checkpoint
    from assay.records import Completion as Completion
    from assay.records import LogLikelihood as LogLikelihood
    from assay.records import Message as Message
    from assay.records import MetricSummary as MetricSummary
    from assay.records import Pair as Pair
    from assay.records import Question as Question
    from assay.records import Request as Request
    from assay.records import Run as Run
    from assay.records import Sample as Sample
    from assay.records import Sampling as Sampling
    from assay.records import Score as Score
    from assay.report.models import Comparison as Comparison
    from assay.report.sharpened import Label as Label
    from assay.report.side import ScoredRun as ScoredRun
    from assay.report.side import Side as Side
    from assay.store.store import Store as Store
    from harnesses.harness import Harness as Harness
    from harnesses.providers.protocol import Provider as Provider
    from harnesses.scaffolds.protocol import Scaffold as Scaffold
    from harnesses.tools.function import tool as tool
    from harnesses.tools.tool import Tool as Tool
    from harnesses.tools.tool import ToolResult as ToolResult
    from tasks_lib.extract.letters import choice_letter as choice_letter
    from tasks_lib.extract.numbers import last_number as last_number
    from tasks_lib.extract.patterns import first_match as first_match
    from tasks_lib.extract.patterns import last_match as last_match
    from tasks_lib.metrics import accuracy as accuracy
    from tasks_lib.metrics import bits_per_byte as bits_per_byte
    from tasks_lib.metrics import choice_accuracy as choice_accuracy
    from tasks_lib.metrics import pass_at as pass_at
    from tasks_lib.prompts import ChoicePrompt as ChoicePrompt
    from tasks_lib.prompts import CompletionPrompt as CompletionPrompt
    from tasks_lib.prompts import cloze as cloze
    from tasks_lib.prompts import completion as completion
    from tasks_lib.prompts import mcq as mcq
    from tasks_lib.questions import load as load
    from tasks_lib.registry import register as register
    from tasks_lib.registry import register_suite as register_suite
    from tasks_lib.registry import register_variant as register_variant
    from tasks_lib.scorers.text import exact_match as exact_match
    from tasks_lib.sources import Hub as Hub
    from tasks_lib.sources import Local as Local
    from tasks_lib.spec import resolve_task as resolve_task
    from tasks_lib.suites.suite import Suite as Suite
    from tasks_lib.suites.suite import suite as suite
    from tasks_lib.task import Metric as Metric
    from tasks_lib.task import SandboxScorer as SandboxScorer
    from tasks_lib.task import Scorer as Scorer
    from tasks_lib.task import Task as Task
    from tasks_lib.task import Verdict as Verdict

_MODULES = {
    "AssayError": "assay.errors",
    "Call": "assay.records",
    "Checkpoint": "assay.records",
    "ChoicePrompt": "tasks_lib.prompts",
    "Comparison": "assay.report.models",
    "Completion": "assay.records",
    "CompletionPrompt": "tasks_lib.prompts",
    "Harness": "harnesses.harness",
    "Hub": "tasks_lib.sources",
    "Local": "tasks_lib.sources",
    "Label": "assay.report.sharpened",
    "LogLikelihood": "assay.records",
    "Message": "assay.records",
    "Metric": "tasks_lib.task",
    "MetricSummary": "assay.records",
    "Pair": "assay.records",
    "Provider": "harnesses.providers.protocol",
    "Question": "assay.records",
    "Request": "assay.records",
    "Result": "assay.api.result",
    "Run": "assay.records",
    "Runs": "assay.api.runs",
    "Sample": "assay.records",
    "Sampling": "assay.records",
    "SandboxScorer": "tasks_lib.task",
    "Scaffold": "harnesses.scaffolds.protocol",
    "Score": "assay.records",
    "ScoreTable": "assay.api.scores",
    "ScoredRun": "assay.report.side",
    "ScoredSample": "assay.api.scores",
    "Scorer": "tasks_lib.task",
    "Side": "assay.report.side",
    "Store": "assay.store.store",
    "Suite": "tasks_lib.suites.suite",
    "Task": "tasks_lib.task",
    "Tool": "harnesses.tools.tool",
    "ToolResult": "harnesses.tools.tool",
    "Verdict": "tasks_lib.task",
    "accuracy": "tasks_lib.metrics",
    "bits_per_byte": "tasks_lib.metrics",
    "choice_accuracy": "tasks_lib.metrics",
    "choice_letter": "tasks_lib.extract.letters",
    "cloze": "tasks_lib.prompts",
    "compare": "assay.api.compare",
    "completion": "tasks_lib.prompts",
    "emit_checkpoint": "assay.events",
    "evaluate": "assay.api.evaluate",
    "exact_match": "tasks_lib.scorers.text",
    "first_match": "tasks_lib.extract.patterns",
    "last_match": "tasks_lib.extract.patterns",
    "last_number": "tasks_lib.extract.numbers",
    "load": "tasks_lib.questions",
    "load_run": "assay.api.runs",
    "mcq": "tasks_lib.prompts",
    "pass_at": "tasks_lib.metrics",
    "register": "tasks_lib.registry",
    "register_suite": "tasks_lib.registry",
    "register_variant": "tasks_lib.registry",
    "resolve_task": "tasks_lib.spec",
    "runs": "assay.api.runs",
    "suite": "tasks_lib.suites.suite",
    "tool": "harnesses.tools.function",
}

__all__ = sorted(_MODULES)  # noqa: PLE0605 - names of the table above


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'assay' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return __all__
