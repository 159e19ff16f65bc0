"""IFBench: 58 instructions that no model was trained on (Pyatkin et al. 2025). Data ODC-BY, rules Apache-2.0.

Source: `allenai/IFBench_test`. The authors report the loose share of prompts first. The rules follow their
program as of its repairs of 2025 and later; one of them (`words:start_verb`) takes NLTK's tagger.
"""

from assay.records import Sampling
from tasks_lib.benchmarks.ifeval import question
from tasks_lib.instructions import ifbench_counts, ifbench_custom, ifbench_forms, ifbench_words, ifeval
from tasks_lib.instructions.rules import Rules
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.scorers.instructions import instruction_metrics
from tasks_lib.sources import Hub
from tasks_lib.task import Task

RULES: Rules = {
    **ifeval.RULES,
    **ifbench_counts.RULES,
    **ifbench_words.RULES,
    **ifbench_forms.RULES,
    **ifbench_custom.RULES,
}


@register("ifbench", aliases=["ifeval_ood"])
def ifbench() -> Task:
    """Prompts with one of 58 new checkable instructions: the share that is followed, loosely."""
    return Task(
        source=Hub("allenai/IFBench_test", split="train"),
        question=question,
        prompt=completion("{text}"),
        metrics=instruction_metrics(RULES, headline="prompt_loose"),
        generate=Sampling(max_tokens=2048),
    )
