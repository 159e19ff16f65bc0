"""The four words of a verdict, apart from the rule that chooses one: reading them needs no numpy."""

from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["improved", "regressed", "equivalent", "unresolved"]
