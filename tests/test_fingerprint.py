"""What changes a fingerprint and what does not."""

import ast
import functools
import importlib.util
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from assay.fingerprint import canonical, file_digest, fingerprint
from assay.records import Sampling
from tasks_lib.registry import build_task, task_names
from tests.conftest import ROOT

Make = Callable[[str], ModuleType]

BASE = '''
import re
from functools import partial
SIZE = 3
WORDS = ["a", "b"]
PATTERN = re.compile("x+")
TIMES = 2
def inner(x):
    return x * TIMES
def judge(x, *, by=SIZE):
    """Say what it does."""
    return [inner(y) for y in x] + WORDS, PATTERN.match(str(by))
'''


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a module and load it, as a folder of tasks is."""
    made = 0

    def load(source: str) -> ModuleType:
        nonlocal made
        made += 1
        file = tmp_path / f"module{made}.py"
        file.write_text(source)
        spec = importlib.util.spec_from_file_location("mine", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Say what it does."""', '"""Say it in other words."""'),
        ('    """Say what it does."""\n', ""),
        ("    return x * TIMES", "    # why\n    return (x  *  TIMES)"),
        ("SIZE = 3", "SIZE = 3  # a comment\n\n\n"),
        ("import re\n", "import re\nimport os\nUNUSED = 1\n"),
    ],
)
def test_formatting_comments_and_docstrings_are_free(make: Make, old: str, new: str) -> None:
    assert old in BASE
    assert fingerprint(make(BASE).judge) == fingerprint(make(BASE.replace(old, new)).judge)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x * TIMES", "return x + TIMES"),
        ("SIZE = 3", "SIZE = 4"),
        ("TIMES = 2", "TIMES = 3"),
        ('WORDS = ["a", "b"]', 'WORDS = ["a", "c"]'),
        ('"x+"', '"x*"'),
        ('"x+"', '"x+", re.IGNORECASE'),
        ("[inner(y) for y in x]", "[inner(y) for y in x[1:]]"),
        ("*, by=SIZE", "*, by=5"),
    ],
)
def test_code_constants_defaults_and_called_functions_count(make: Make, old: str, new: str) -> None:
    assert old in BASE
    assert fingerprint(make(BASE).judge) != fingerprint(make(BASE.replace(old, new)).judge)


def test_what_is_named_only_inside_an_inner_function_counts(make: Make) -> None:
    source = "LIMIT = 1\ndef f(rows):\n    return sorted(rows, key=lambda row: row[LIMIT])\n"
    assert fingerprint(make(source).f) != fingerprint(make(source.replace("= 1", "= 2")).f)


def test_closures_count_even_where_functions_share_their_code() -> None:
    def scaled(by: float, inner: Callable[[float], float] | None = None) -> Callable[[float], float]:
        return lambda x: by * (inner(x) if inner else x)

    assert fingerprint(scaled(2)) == fingerprint(scaled(2))
    assert fingerprint(scaled(2)) != fingerprint(scaled(3))
    assert fingerprint(scaled(2, scaled(3))) != fingerprint(scaled(2, scaled(4)))


def test_a_lambda_is_its_own_code_wherever_it_stands(make: Make) -> None:
    first = make("f = lambda x: x + 1\n").f
    moved = make("def g():\n    pass\n\nf = (\n    lambda x: x + 1\n)\n").f
    other = make("f = lambda x: x + 2\n").f
    assert fingerprint(first) == fingerprint(moved)
    assert fingerprint(first) != fingerprint(other)


def test_functions_without_source_are_hashed_by_their_code() -> None:
    def compiled(source: str) -> object:
        names: dict[str, object] = {}
        exec(source, names)
        return names["f"]

    one = "def f(x):\n    return [y for y in x if y in {1, 2}]\n"
    assert fingerprint(compiled(one)) == fingerprint(compiled(one))
    assert fingerprint(compiled(one)) != fingerprint(compiled(one.replace("{1, 2}", "{1, 3}")))


def test_partials_and_patterns_count_with_what_they_hold() -> None:
    def f(*given: object) -> object:
        return given

    assert fingerprint(functools.partial(f, 1)) != fingerprint(functools.partial(f, 2))
    assert fingerprint(functools.partial(f, re.compile("a"))) != fingerprint(
        functools.partial(f, re.compile("a", re.DOTALL))
    )


def test_an_object_counts_by_its_fields_and_methods(make: Make) -> None:
    source = """
from dataclasses import dataclass
@dataclass(frozen=True)
class Rule:
    size: int = 1
    def judge(self, x):
        return x + self.size
class Plain:
    def __init__(self, size):
        self.size = size
    @property
    def double(self):
        return 2 * self.size
"""
    base, other = make(source), make(source.replace("x + self", "x - self").replace("2 *", "3 *"))
    assert fingerprint(base.Rule(1)) == fingerprint(make(source).Rule(1))
    assert fingerprint(base.Rule(1)) != fingerprint(base.Rule(2))
    assert fingerprint(base.Rule(1)) != fingerprint(other.Rule(1))
    assert fingerprint(base.Plain(1)) != fingerprint(base.Plain(2))
    assert fingerprint(base.Plain(1)) != fingerprint(other.Plain(1))
    assert fingerprint(base.Rule(1).judge) != fingerprint(base.Rule(2).judge)


def test_values_of_different_kinds_differ() -> None:
    @dataclass(frozen=True)
    class Pair:
        a: int = 1

    values = [None, True, 1, 1.0, "1", b"1", [1], {"a": 1}, Pair(), Sampling(max_tokens=1), re.compile("1")]
    assert len({fingerprint(value) for value in values}) == len(values)
    assert canonical((1, 2)) == canonical([1, 2])
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"x", "y", "z"}) == fingerprint({"z", "y", "x"})


def test_what_has_no_content_is_refused() -> None:
    with pytest.raises(TypeError, match="lock"):
        fingerprint(threading.Lock())


def test_a_folder_is_hashed_by_names_and_contents(tmp_path: Path) -> None:
    for name in ("b", "a/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    before = file_digest(tmp_path)
    assert file_digest(tmp_path) == before
    (tmp_path / "b").rename(tmp_path / "d")
    renamed = file_digest(tmp_path)
    (tmp_path / "d").write_text("other")
    assert len({before, renamed, file_digest(tmp_path)}) == 3


SCRIPT = """
from tasks_lib.registry import build_task, task_names, vary
for name in task_names():
    print(name, build_task(name).definition())
print(vary(build_task("gsm8k"), "bpb").definition())
"""


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_tasks_have_the_same_fingerprints_in_every_process(seed: str, tmp_path: Path) -> None:
    here = {name: build_task(name).definition() for name in task_names()}
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    there = dict(zip(told[:-1:2], told[1:-1:2], strict=True))
    assert there == {name: here[name] for name in there}
    assert len(set(there.values())) == len(there)


def reads_literals(text: str) -> object:
    return ast.literal_eval(text)


def test_a_module_that_has_a_pattern_is_no_regular_expression() -> None:
    """`ast.pattern` is a class, so that no task whose code names `ast` could be identified."""
    assert fingerprint(reads_literals) == fingerprint(reads_literals)
