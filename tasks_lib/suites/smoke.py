"""A first look at a fresh checkpoint: shown together, without a number of their own."""

from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, suite


@register_suite("smoke:base")
def smoke_base() -> Suite:
    """Whether a base model works at all: plain facts, plain sentences, a pattern to continue."""
    return suite("smoke_facts", "smoke_sentences", "smoke_patterns", aggregate="none")


@register_suite("smoke:chat")
def smoke_chat() -> Suite:
    """Whether a chat model works at all: it greets, stops, closes its thought, calls a function."""
    return suite("smoke_hello", "smoke_thought", "smoke_tool", aggregate="none")
