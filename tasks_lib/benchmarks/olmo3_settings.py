"""How OLMo 3's evaluation draws answers, where a task's own file does not say it."""

from tasks_lib.benchmarks.gsm8k import olmo3base as gsm8k
from tasks_lib.metrics import pass_at
from tasks_lib.registry import register_variant
from tasks_lib.task import Task


@register_variant("*", "olmo3chat")
def olmo3chat(task: Task) -> Task:
    """Draw answers at temperature 0.6 and top-p 0.95, up to 32,768 tokens, as OLMo 3's chat models do."""
    changes = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 32768, "stop": ()}
    return task.with_(generate=task.generate.model_copy(update=changes))


@register_variant("gsm_symbolic", "olmo3base")
def gsm_symbolic(task: Task) -> Task:
    """Draw eight answers as to GSM8K, of up to 1,024 tokens."""
    sampled = gsm8k(task)
    return sampled.with_(generate=sampled.generate.model_copy(update={"max_tokens": 1024}))


@register_variant("multipl_e", "olmo3base")
def multipl_e(task: Task) -> Task:
    """Draw 32 answers at temperature 0.6, pass@1 to 16."""
    return _drawn(task, samples=32).with_(metrics=pass_at(task.headline.scorer, 1, 2, 4, 8, 16))


@register_variant("bigcodebench", "olmo3base")
def bigcodebench(task: Task) -> Task:
    """Draw five answers at temperature 0.6 after three shots of the same split."""
    return _drawn(task, samples=5).with_(fewshot=task.source, shots=3, shot_rule="olmes-one-more")


def _drawn(task: Task, *, samples: int) -> Task:
    sampling = task.generate.model_copy(update={"temperature": 0.6, "top_p": 0.6})
    return task.with_(samples=samples, generate=sampling)
