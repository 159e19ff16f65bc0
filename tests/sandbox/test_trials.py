"""Tests in another process than the solution judge honest programs as tests beside them would."""

import json
from typing import NamedTuple

import pytest

from sandbox.protocol import Limits, Sandbox
from sandbox.trials import run_tests
from sandbox.values import NotPlain, decode, encode

pytestmark = pytest.mark.anyio
SHORT = Limits(seconds=20)
NODE = "class Node:\n    def __init__(self, value): self.value, self.left = value, None\n"


class Honest(NamedTuple):
    """A right program, and tests that it passes."""

    program: str
    tests: str


HONEST = {
    "a function": Honest("def f(x): return x + 1", "assert f(1) == 2\nassert f(f(1)) == 3"),
    "every plain kind": Honest(
        "def f(*xs): return xs",
        "import math\nx = (1, -2.5, 'ż', b'b', None, True, {1, 2}, {(1, 2): [3]}, 1 << 300, 2j, range(3))\n"
        "assert f(*x) == x and [*map(type, f(*x))] == [*map(type, x)]\nassert math.isnan(f(math.nan)[0])",
    ),
    "the library's containers": Honest(
        "from collections import *\nfrom decimal import *\nfrom fractions import *\nfrom datetime import *\n"
        "def f(): return [Counter('aab'), OrderedDict(a=1), deque([1]), Decimal('1.1'), Fraction(1, 3),"
        " date(2020, 1, 2), {1: 2}.keys(), {1: 2}.items(), list({1: 2}.values())]",
        "from collections import Counter\na, b, c, d, e, g, h, i, j = f()\nassert a == Counter('aab')\n"
        "assert h == {1} and i == {(1, 2)} and j == [2] and e * 3 == 1 and g.year == 2020 and c[0] == 1",
    ),
    "a named tuple": Honest(
        "from collections import namedtuple\nP = namedtuple('P', 'a b')\ndef f(): return P(1, 2)",
        "assert f() == (1, 2)",
    ),
    "a changed argument": Honest(
        "def f(xs, d): xs.sort(); d['k'] = 1",
        "a, d = [2, 1], {}\nf(a, d)\nassert a == [1, 2] and d == {'k': 1}",
    ),
    "an iterator": Honest(
        "def f(x):\n    yield x\n    yield 2", "assert list(f(1)) == [1, 2]\nassert next(f(5)) == 5"
    ),
    "a function for an argument": Honest("def f(g): return g(2)", "assert f(lambda x: x * 3) == 6"),
    "a function for a result": Honest("def f(a): return lambda b: a + b", "assert f(1)(2) == 3"),
    "its own objects": Honest(
        NODE + "def depth(n): return 0 if n is None else 1 + depth(n.left)",
        "r = Node(1)\nr.left = Node(2)\nassert depth(r) == 2 and r.left.value == 2",
    ),
    "a raised error": Honest(
        "def f(x): raise ValueError('no')", "try:\n    f(1)\n    assert 0\nexcept ValueError: pass"
    ),
    "much that is printed": Honest("print('x' * (3 << 20))\ndef f(): print('y' * (3 << 20))", "f()"),
    "a main guard": Honest("def f(): return 1\nif __name__ == '__main__': input()", "assert f() == 1"),
    "a forgotten import": Honest("import math\ndef f(): return 0.1 + 0.2", "assert math.isclose(f(), 0.3)"),
    "a value": Honest("LIMIT = [1, 2]", "assert LIMIT[1] == 2 and len(LIMIT) == 2"),
}


@pytest.mark.parametrize("name", HONEST)
async def test_right_programs_pass(box: Sandbox, name: str) -> None:
    trial = await run_tests(box, *HONEST[name], limits=SHORT)
    assert trial.passed, trial.stderr_tail
    assert trial.ending == "ok"


@pytest.mark.parametrize(
    ("program", "tests", "ending"),
    [
        ("def f(x): return x + 2", "assert f(1) == 2", "nonzero"),
        ("def f(x:", "assert f(1) == 2", "nonzero"),
        ("raise ValueError", "", "nonzero"),
        ("def f(x):\n    while True: pass", "f(1)", "timeout"),
        ("while True: pass", "assert 1", "timeout"),
        ("def f(): return 1", "assert f() == 1\nassert g() == 1", "nonzero"),
    ],
)
async def test_wrong_programs_fail(box: Sandbox, program: str, tests: str, ending: str) -> None:
    trial = await run_tests(box, program, tests, seconds=1, limits=SHORT)
    assert (trial.passed, trial.ending) == (False, ending)


async def test_what_the_tests_need_beside_the_program_is_not_the_programs(box: Sandbox) -> None:
    context, tests = "def close(a, b): return abs(a - b) < 1e-6", "assert close(f(), 1)"
    forged = "def close(a, b): return True\ndef f(): return 7"
    assert not (await run_tests(box, forged, tests, context=context, limits=SHORT)).passed
    named = "def sum(a, b): return a * b"
    assert (await run_tests(box, named, "assert sum(2, 5) == 10", names=["sum"], limits=SHORT)).passed
    assert not (await run_tests(box, named, "assert sum(2, 5) == 10", limits=SHORT)).passed


async def test_objects_that_cannot_pass_are_told_of(box: Sandbox) -> None:
    tests = "class Mine: x = 1\nassert f(Mine()) == 1"
    trial = await run_tests(box, "def f(o): return o.x", tests, limits=SHORT)
    assert (trial.passed, trial.refused) == (False, True)
    own = NODE + "def f(): return Node(1)"
    trial = await run_tests(box, own, "assert f() == Node(1)", limits=SHORT)
    assert (trial.passed, trial.refused, trial.objects) == (False, False, True)


def test_values_are_made_anew() -> None:
    class Lying(list[int]):
        def __iter__(self) -> object:  # type: ignore[override]
            return iter([9])

    def refuse(value: object) -> object:
        raise NotPlain

    def look(word: str, parts: list[object]) -> object:
        raise ValueError(word)

    copy = decode(json.loads(json.dumps(encode(Lying([1, 2]), refuse))), look)
    assert copy == [1, 2]
    assert type(copy) is list
    with pytest.raises(NotPlain):
        encode(object(), refuse)
    with pytest.raises(ValueError, match="anything"):
        decode(["anything", 1], look)
