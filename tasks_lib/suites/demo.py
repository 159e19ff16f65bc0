"""The demo's suite."""

from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, suite


@register_suite("demo")
def demo() -> Suite:
    """One task of each kind, for the tiny model that `assay demo` trains."""
    return suite("demo_words", "demo_letters", "demo_stories", "demo_code")


@register_suite("demo-without-code")
def demo_without_code() -> Suite:
    """The demo's suite for machines where no sandbox is possible."""
    return suite("demo_words", "demo_letters", "demo_stories")
