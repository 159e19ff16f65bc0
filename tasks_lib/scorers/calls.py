"""Judge calls of functions by their syntax tree, as the Berkeley Function-Calling Leaderboard does.

The answer is read as Python: `[f(a=1), g(b="x")]`. A call is right where its function is the wanted one, no
parameter is unknown, each required one is there, each value has the declared type and is one of those that
are accepted, and a parameter that is left out may be. Texts are compared without case, blanks and the marks
`,./-_*^`; whole numbers are accepted for floating ones. The order of several calls is free.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

from assay.records import Question, Sample
from tasks_lib.task import Verdict

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "float": (float, int), "boolean": (bool,), "array": (list,),
    "tuple": (list,), "dict": (dict,), "any": (str, int, float, bool, list, dict),
}  # fmt: skip
FENCED = re.compile(r"```[ \t]*\w*[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL)
SMOOTHED = re.compile(r"[ ,./\-_*^]")
OPTIONAL = ""
"""Stands among the accepted values where a parameter may be left out."""


class Call(NamedTuple):
    """One call that was read."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RightCalls:
    """1 where the calls are the wanted ones; an answer that is no list of calls has no value.

    `none` wants that nothing is called, as where no function fits, and `some` that anything is.
    """

    want: Literal["listed", "none", "some"] = "listed"

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Read the calls and compare them with the field `accepted`, by the field `functions`."""
        calls = calls_in(sample.output)
        if self.want != "listed":
            return Verdict(float(bool(calls) == (self.want == "some")), None if calls is None else str(calls))
        if calls is None:
            return Verdict(None)
        accepted = cast("list[dict[str, Any]]", question.fields["accepted"])
        functions = {
            each["name"]: each for each in cast("list[dict[str, Any]]", question.fields["functions"])
        }
        if len(calls) != len(accepted):
            return Verdict(0.0, str(calls), f"{len(calls)} calls for {len(accepted)}")
        rest = list(calls)
        for wanted in accepted:
            place = next((n for n, call in enumerate(rest) if fits(call, wanted, functions)), None)
            if place is None:
                return Verdict(0.0, str(calls), f"no call fits {next(iter(wanted))}")
            rest.pop(place)
        return Verdict(1.0, str(calls))


def calls_in(text: str) -> list[Call] | None:
    """Read a text, or its first block of code, as a list of calls; None where it is none."""
    blocks = FENCED.findall(text)
    code = (blocks[0] if blocks else text).strip().strip("`\n ")
    if not code.startswith("["):
        code = f"[{code}]"
    try:
        node = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    calls = node.elts if isinstance(node, ast.List) else []
    if not calls or not all(isinstance(call, ast.Call) and not call.args for call in calls):
        return None
    return [_call(cast("ast.Call", call)) for call in calls]


def fits(call: Call, wanted: Mapping[str, Any], functions: Mapping[str, Any]) -> bool:
    """Whether a call is one that is accepted."""
    name, accepted = next(iter(wanted.items()))
    if call.name != name or name not in functions:
        return False
    parameters = functions[name]["parameters"]
    declared = parameters["properties"]
    if any(key not in call.arguments for key in parameters.get("required", [])):
        return False
    if any(key not in declared or key not in accepted for key in call.arguments):
        return False
    left_out = accepted.keys() - call.arguments.keys()
    return all(OPTIONAL in accepted[key] for key in left_out) and all(
        _accepted(value, accepted[key], kind=declared[key]["type"]) for key, value in call.arguments.items()
    )


def _accepted(value: object, values: Sequence[object], *, kind: str) -> bool:
    if isinstance(value, bool) and kind in {"integer", "float"}:
        return False
    first = next((each for each in values if each != OPTIONAL), OPTIONAL)
    # Accepted values of another type than the declared one, such as None or a variable's name, count too.
    if not isinstance(value, TYPES.get(kind, TYPES["any"])) and type(value) is not type(first):
        return False
    return any(_same(value, each) for each in values if each != OPTIONAL or value == OPTIONAL)


def _same(value: object, accepted: object) -> bool:
    if isinstance(value, str) and isinstance(accepted, str):
        return _smooth(value) == _smooth(accepted)
    if isinstance(value, list) and isinstance(accepted, list):
        pairs = zip(value, accepted, strict=False)
        return len(value) == len(accepted) and all(_same(one, other) for one, other in pairs)
    if isinstance(value, dict) and isinstance(accepted, dict):
        return _same_dict(value, accepted)
    if isinstance(value, bool) is not isinstance(accepted, bool):
        return False
    return value == accepted


def _same_dict(value: Mapping[str, object], accepted: Mapping[str, Any]) -> bool:
    """Compare by keys; the accepted values of each are a list."""
    if value.keys() - accepted.keys():
        return False
    for key, values in accepted.items():
        options = values if isinstance(values, list) else [values]
        if key not in value:
            if OPTIONAL not in options:
                return False
        elif not any(_same(value[key], option) for option in options) and not _same(value[key], values):
            return False
    return True


def _smooth(text: str) -> str:
    return SMOOTHED.sub("", text).lower().replace("'", '"')


def _call(node: ast.Call) -> Call:
    return Call(ast.unparse(node.func), {str(part.arg): _literal(part.value) for part in node.keywords})


def _literal(node: ast.expr) -> object:
    """Read a value; tuples are lists, and what is no literal is its own text."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return ast.unparse(node)
    return _listed(value)


def _listed(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_listed(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _listed(each) for key, each in value.items()}
    return value
