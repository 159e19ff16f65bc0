"""The program in what a model wrote, whatever it is fenced by."""

import pytest

from tasks_lib.extract.code import defines, fenced_code, future_first

ADD = "def add(x, y):\n    return x + y\n"
TEXTS = {
    "plain fence": f"Sure:\n\n```\n{ADD}```\nDone.",
    "python3": f"```python3\n{ADD}```",
    "capital": f"```Python\n{ADD}```",
    "info string": f'```python title="a.py"\n{ADD}```',
    "braces": f"```{{.python}}\n{ADD}```",
    "indented": "1. Do:\n\n   ```python\n   def add(x, y):\n       return x + y\n   ```\nok",
    "quoted": "> ```python\n> def add(x, y):\n>     return x + y\n> ```",
    "nested in markdown": f"````markdown\n```python\n{ADD}```\n````",
    "tildes": f"~~~~py\n{ADD}~~~~",
    "four ticks": f"````python\n{ADD}````",
    "windows": f"```python\n{ADD}```".replace("\n", "\r\n"),
    "unclosed": f"```python\n{ADD}",
    "closed on the last line": "```python\ndef add(x, y):\n    return x + y```",
    "stray closer": f"{ADD}```",
    "stray closer, then usage": f"{ADD}```\n\nExample:\n```python\nprint(add(1, 2))\n```",
    "another language first": f"```bash\npip install numpy\n```\n```python\n{ADD}```",
    "another language fenced alone": f"```bash\nls\n```\n\n{ADD}",
    "longer usage": f"```python\n{ADD}```\n```python\n" + "print(add(2, 3))\n" * 9 + "```",
    "draft first": f"```python\ndef add(x, y):\n    # wrong\n    return x - y\n```\n```python\n{ADD}```",
    "prose around": f"Here it is:\n\n{ADD}\nIt adds the numbers.\nDone",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_block_that_defines_the_function(name: str) -> None:
    assert (fenced_code(TEXTS[name], names=["add"]) or "").strip() == ADD.strip()


def test_what_a_function_needs_is_kept_where_prose_is_dropped() -> None:
    needs = "import math\nfrom typing import (\n    List,\n)\n\n@cache\n"
    assert fenced_code(f"Here it is:\n\n{needs}{ADD}\nEnjoy", names=["add"]) == f"{needs}{ADD}"


def test_a_body_stands_for_the_function() -> None:
    body = "    return x + y\n"
    assert fenced_code(f"{body}```\n\nThis adds.", names=["add"]) == body
    assert fenced_code(f"```python\n{body}```\n```python\nadd(1)\n```", names=["add"]) == body


def test_blocks_of_other_languages_are_no_program() -> None:
    assert fenced_code("```bash\nls\n```", names=["add"]) is None


@pytest.mark.parametrize(
    ("code", "there"),
    [
        (ADD, True), ("async def add(): ...", True), ("class add: ...", True), ("add = lambda x: x", True),
        ("    def add(): ...", False), ("def added(): ...", False), ("add == 1", False), ("add(1, 2)", False),
    ],
)  # fmt: skip
def test_what_defines_a_name(code: str, there: bool) -> None:
    assert defines(code, ["add"]) is there


def test_imports_from_the_future_come_first() -> None:
    program = "import os\n\nfrom __future__ import annotations\nx = 1\n"
    assert future_first(program) == "from __future__ import annotations\nimport os\n\nx = 1\n"
    assert future_first("x = 1") == "x = 1"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["```\n", "```python\n", "`", "def add(x):\n", "x\n", "("])
def test_a_long_text_takes_time_in_proportion(piece: str) -> None:
    fenced_code(piece * (1_000_000 // len(piece)), names=["add"])
