"""The process of a solution: runs its program, then does what the checker asks of what was defined there.

It is made before the tests are read, and never holds them or what they expect. Whatever its program does to
this code only changes the values that it answers with.
"""

import itertools
import json
import os
import sys
import types
from collections.abc import Callable

from sandbox.values import decode, encode

PARTS: dict[str, Callable[..., object]] = {
    "call": lambda target, args, kwargs: target(*args, **kwargs),
    "get": getattr,
    "set": setattr,
    "item": lambda target, key: target[key],
    "len": len,
    "true": bool,
    "iter": iter,
    "next": next,
}
CHANGEABLE = (list, dict, set, bytearray)


class Solution:
    """What a program has defined, the values that stand by numbers, and the pipe to the checker."""

    def __init__(self, requests: int, answers: int) -> None:
        self._requests = os.fdopen(requests, "rb")
        self._answers = answers
        self._kept: list[object] = []
        self._write, self._dumps, self._loads = os.write, json.dumps, json.loads
        self.module = types.ModuleType("program")

    def load(self) -> None:
        """Run the program, not as `__main__`: what a guard of `__main__` holds does not run."""
        text = self._read()
        for name in [name for name in sys.modules if name.partition(".")[0] == "sandbox"]:
            del sys.modules[name]
        sys.modules["program"] = sys.modules["__main__"] = self.module
        sys.argv = ["program.py"]
        exec(compile(str(text), "program.py", "exec"), self.module.__dict__)  # noqa: S102 - what it is for

    def serve(self) -> None:
        """Answer until the pipe closes: first how the program went, then each request."""
        self._answer(self.load)
        while True:
            request = self._read()
            self._answer(lambda request=request: self._do(request))  # type: ignore[misc]

    def _do(self, request: list[object]) -> object:
        part, target, *arguments = [decode(each, self._find) for each in request]
        inputs = arguments[0] if part == "call" else []
        assert isinstance(inputs, list)
        before = [self._text(each) for each in inputs]
        result = PARTS[str(part)](target, *arguments)
        after = [self._text(each) for each in inputs]
        changes = zip(itertools.count(), inputs, before, after)
        return result, {n: encode(each, self._keep) for n, each, old, new in changes if old != new}

    def _text(self, value: object) -> str:
        """What may be seen to change of an argument."""
        return self._dumps(encode(value, self._keep)) if isinstance(value, CHANGEABLE) else ""

    def _answer(self, work: Callable[[], object]) -> None:
        try:
            done = work()
            result, changes = done if isinstance(done, tuple) else (None, {})
            answer = self._dumps(["value", encode(result, self._keep), changes])
        except BaseException as error:  # noqa: BLE001 - told to the checker
            answer = self._dumps(["raised", type(error).__name__, ascii(error)[:500]])
        self._say(answer)

    def _say(self, text: str) -> None:
        data = text.encode() + b"\n"
        while data:
            data = data[self._write(self._answers, data) :]

    def _read(self) -> list[object]:
        line = self._requests.readline()
        if not line:
            os._exit(0)
        request: list[object] = self._loads(line)
        return request

    def _keep(self, value: object) -> object:
        """Put a number for a value, and say what can be done with it."""
        self._kept.append(value)
        return ["kept", len(self._kept) - 1, callable(value)]

    def _find(self, word: str, parts: list[object]) -> object:
        """Find what the checker names: of the program, kept before, or a function of the tests' own."""
        if word == "name":
            name = str(parts[0])
            if name not in self.module.__dict__:
                raise NameError(f"name {name!r} is not defined")
            return self.module.__dict__[name]
        if word == "kept":
            return self._kept[parts[0]]  # type: ignore[call-overload]
        assert word == "function"
        return lambda *args: self._back(parts[0], args)

    def _back(self, number: object, args: tuple[object, ...]) -> object:
        """Call a function of the tests, by the pipe."""
        self._say(self._dumps(["back", number, encode(list(args), self._keep)]))
        word, answer, *_ = self._read()
        if word != "result":
            raise RuntimeError(str(answer))
        return decode(answer, self._find)


def be_solution(requests: int, answers: int, printed: int) -> None:
    """Take the place of this process; what the program prints goes to one pipe, in the order of its lines."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.close(printed)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    Solution(requests, answers).serve()
