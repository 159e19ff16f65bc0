"""Comparisons to draw: values only, as `assay.report` makes them."""

from assay.records import Checkpoint, Counts, MetricSummary
from assay.report.models import (
    Answer,
    Comparison,
    Curve,
    Difference,
    Direction,
    Family,
    Flip,
    Pairing,
    Point,
    Sanity,
    Series,
    SideSummary,
    Spread,
    SuiteComparison,
    TaskComparison,
    TwoByTwo,
)
from assay.stats.words import Verdict


def summary(value: float | None = 0.5, **more: object) -> MetricSummary:
    return MetricSummary(value=value, n=100, **more)  # type: ignore[arg-type]


def task(name: str = "sums", **more: object) -> TaskComparison:
    """One resolved right-or-wrong task, unless told otherwise."""
    fields: dict[str, object] = {
        "task": name,
        "metric": "accuracy",
        "a": summary(0.40),
        "b": summary(0.55),
        "counts_a": Counts(expected=100, scored=95, truncated=5),
        "counts_b": Counts(expected=100, scored=100),
        "pairing": Pairing(paired=100),
        "delta": 0.15,
        "se": 0.04,
        "low": 0.07,
        "high": 0.23,
        "p": 0.0004,
        "p_second": 0.0006,
        "p_holm": 0.0004,
        "p_better": 0.9998,
        "n": 100,
        "wins": 18,
        "losses": 3,
        "ties": 79,
        "mde": 0.11,
        "margin": 0.01,
        "verdict": "improved",
        "sentence": "B is better than A by 15 pp.",
        "method": "Tango; McNemar mid-p",
        "table": TwoByTwo(both_right=37, a_only=3, b_only=18, both_wrong=42),
        "sanity": (
            Sanity(what="truncated", a=0.05, b=0.0, delta=-0.05),
            Sanity(what="output tokens", a=31.5, b=28.25, delta=-3.25),
        ),
    }
    return TaskComparison(**{**fields, **more})  # type: ignore[arg-type]


def unresolved(name: str = "letters") -> TaskComparison:
    return task(
        name, delta=0.01, low=-0.05, high=0.07, p=0.7, p_second=0.8, p_holm=0.7, wins=6, losses=5, ties=89,
        verdict="unresolved", sentence="Whether A and B differ is not resolved.",
        table=TwoByTwo(both_right=40, a_only=5, b_only=6, both_wrong=49),
    )  # fmt: skip


def bits(name: str = "stories") -> TaskComparison:
    """A task measured in bits, of which fewer are better."""
    fewer = summary(1.2, unit="number", lower_is_better=True)
    after = fewer.model_copy(update={"value": 1.1})
    return task(
        name, metric="bits_per_byte", lower_is_better=True, a=fewer, b=after,
        delta=0.1, se=0.01, low=0.08, high=0.12, mde=0.03, margin=0.005, table=None, p_better=None,
        wins=70, losses=30, ties=0, sentence="B is better than A by 0.1.", method="t; t(99)",
        spread=Spread(width=0.1, counts=(5, 10, 15, 45, 25), beyond=2),
    )  # fmt: skip


def undefined(name: str = "ties") -> TaskComparison:
    """All questions tied: neither a test nor a detectable effect is defined."""
    return task(
        name, delta=None, se=None, low=None, high=None, p=None, p_second=None, p_holm=None, p_better=None,
        mde=None, wins=0, losses=0, ties=100, verdict="unresolved", sentence="No difference is defined.",
        undefined="no question changed", table=TwoByTwo(both_right=50, a_only=0, b_only=0, both_wrong=50),
    )  # fmt: skip


def answer(output: str = "It is 4", **more: object) -> Answer:
    fields: dict[str, object] = {"output": output, "extracted": "4", "value": 1.0, "status": "scored"}
    return Answer(run="aaaa", **{**fields, **more})  # type: ignore[arg-type]


def flip(number: int = 0, *, direction: Direction = "fixed", **more: object) -> Flip:
    fields: dict[str, object] = {
        "task": "sums",
        "question_id": f"q{number}",
        "direction": direction,
        "text": f"What is {number} and 4?",
        "target": "4",
        "delta": 1.0,
        "a": answer("It is 5, I say 5", extracted="5", value=0.0),
        "b": answer("It is 4, I say 4"),
    }
    return Flip(**{**fields, **more})  # type: ignore[arg-type]


def comparison(*tasks: TaskComparison, **more: object) -> Comparison:
    some = tasks or (task(),)
    one = some[0]
    verdict: Verdict = one.verdict
    suite = SuiteComparison(
        name="all tasks", tasks=len(some), delta=one.delta, se=one.se, low=one.low, high=one.high, p=one.p,
        mde=one.mde, margin=0.01, verdict=verdict, sentence=one.sentence, undefined=one.undefined,
    )  # fmt: skip
    fields: dict[str, object] = {
        "id": "abcdef012345",
        "created": "2026-01-02T03:04:05+00:00",
        "a": side("A", 10),
        "b": side("B", 20),
        "differs": (
            Difference(what="checkpoint", a="openai:m10", b="openai:m20", intended=True),
            Difference(what="step", a="10", b="20", intended=True),
        ),
        "suite": suite,
        "tasks": some,
        "family": Family(name="all tasks", size=len(some), members=tuple(t.task for t in some)),
        "versions": {"numpy": "2.0"},
    }
    return Comparison(**{**fields, **more})  # type: ignore[arg-type]


def side(label: str, step: int) -> SideSummary:
    checkpoint = Checkpoint(name=f"openai:m{step}", fingerprint="f", training_run="mine", step=step)
    return SideSummary(
        label="A" if label == "A" else "B",
        checkpoint=checkpoint,
        harness="plain",
        runs=(f"{label.lower() * 12}",),
        started="2026-01-01T00:00:00+00:00",
    )


def series(*values: float | None, **more: object) -> Series:
    points = tuple(
        Point(run=f"r{i}", step=100 * i, checkpoint=f"openai:m{i}", value=value, se=0.03, n=100,
              low=None if value is None else value - 0.05, high=None if value is None else value + 0.05)
        for i, value in enumerate(values)
    )  # fmt: skip
    return Series(
        id="s", training_run="mine", curves=(Curve(task="sums", metric="accuracy", points=points),), **more
    )  # type: ignore[arg-type]
