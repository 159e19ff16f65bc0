"""The tests' side of a check: stand-ins for what a solution defines, and the pipe behind them.

They send plain values and get plain values, made anew in this process, so that tests compare nothing that a
solution has made. Whatever a solution answers can only be a wrong value, or the end of the check.
"""

import builtins
import json
import os
import select
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from importlib import import_module
from time import monotonic
from types import CodeType
from typing import NoReturn, cast

from sandbox.values import NotPlain, decode, encode

CHUNK = 1 << 16
LARGEST = 64 << 20
"""Bytes of one answer."""


class Ended(BaseException):
    """The solution no longer answers: no `except Exception` of the tests may catch it."""

    SLOW = "took too long"


class Connection:
    """The pipe to the solution: one question, one answer in time."""

    def __init__(self, requests: int, answers: int, *, seconds: float | None) -> None:
        self._requests, self._answers, self._seconds = requests, answers, seconds
        self._rest = b""
        self._functions: list[Callable[..., object]] = []
        self.problem: str | None = None
        self.objects = False
        """Whether the solution has answered with something that has no plain form."""
        self.refused = False
        """Whether the tests have tried to hand over something that has none."""

    def load(self, program: str) -> None:
        """Have the solution's program run."""
        self._send(program)
        self._wait([])

    def ask(self, part: str, target: list[object], *arguments: object) -> object:
        """Have something done to what the solution holds."""
        request = [part, target, *(encode(each, self._keep) for each in arguments)]
        self._send(request)
        inputs = arguments[0] if part == "call" else []
        assert isinstance(inputs, list)
        return self._wait(inputs)

    def _wait(self, inputs: list[object]) -> object:
        deadline = monotonic() + self._seconds if self._seconds else None
        while True:
            word, value, *more = self._read(deadline)
            if word == "back":
                self._call_back(value, more[0])
                continue
            if word == "raised":
                raise _error(str(value), str(more[0]))
            try:
                changes = {int(n): self._value(new) for n, new in more[0].items()}  # type: ignore[attr-defined]
                for number, new in changes.items():
                    _overwrite(inputs[number], new)
                return self._value(value)
            except Exception:  # noqa: BLE001 - whatever a forged answer does
                self._end("answers with no value")

    def _call_back(self, number: object, arguments: object) -> None:
        """Call a function of the tests with what the solution gave it."""
        try:
            values = self._value(arguments)
            assert isinstance(values, list)
            result = encode(self._functions[number](*values), self._keep)  # type: ignore[call-overload]
        except Exception as error:  # noqa: BLE001 - told to the solution
            self._send(["raised", ascii(error)])
        else:
            self._send(["result", result])

    def _value(self, data: object) -> object:
        return decode(data, self._find)

    def _find(self, word: str, parts: list[object]) -> object:
        if word != "kept":
            raise ValueError(word)
        self.objects |= parts[1] is not True
        return Remote(self, ["kept", int(str(parts[0]))])

    def _keep(self, value: object) -> object:
        if isinstance(value, Remote):
            return object.__getattribute__(value, "_target")
        if callable(value):
            self._functions.append(value)
            return ["function", len(self._functions) - 1]
        self.refused = True
        raise NotPlain(f"a {type(value).__name__} cannot be handed to the solution")

    def _send(self, request: object) -> None:
        data = json.dumps(request).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._requests, data) :]
        except OSError:
            self._end("has ended")

    def _read(self, deadline: float | None) -> list[object]:
        waiting = select.poll()
        waiting.register(self._answers, select.POLLIN)
        pieces = [self._rest]
        size = len(self._rest)
        while b"\n" not in pieces[-1]:
            left = None if deadline is None else 1000 * (deadline - monotonic())
            if not waiting.poll(left if left is None else max(0, left)):
                self._end(Ended.SLOW)
            pieces.append(os.read(self._answers, CHUNK))
            size += len(pieces[-1])
            if not pieces[-1] or size > LARGEST:
                self._end("has ended")
        line, _, self._rest = b"".join(pieces).partition(b"\n")
        try:
            word, *more = json.loads(line)
        except (ValueError, TypeError, RecursionError):
            self._end("answers with no value")
        return [word, *more, None] if len(more) == 1 else [word, *more]

    def _end(self, problem: str) -> NoReturn:
        self.problem = self.problem or problem
        os.close(self._answers)
        self._answers = os.open(os.devnull, os.O_RDONLY)
        raise Ended(f"the solution {problem}")


class Remote:
    """Stands for what the solution holds; equal to itself alone, whatever the solution says."""

    __slots__ = ("_connection", "_target")

    def __init__(self, connection: Connection, target: list[object]) -> None:
        object.__setattr__(self, "_connection", connection)
        object.__setattr__(self, "_target", target)

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call it."""
        return _ask(self, "call", list(args), kwargs)

    def __getattr__(self, name: str) -> object:
        """Get an attribute, as a plain value or as what stands for one."""
        if name.startswith("__"):
            raise AttributeError(name)
        return _ask(self, "get", name)

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute."""
        _ask(self, "set", name, value)

    def __getitem__(self, key: object) -> object:
        """Get an item."""
        return _ask(self, "item", key)

    def __len__(self) -> int:
        """Its length."""
        return int(str(_ask(self, "len")))

    def __bool__(self) -> bool:
        """Its truth."""
        return _ask(self, "true") is True

    def __iter__(self) -> Iterator[object]:
        """Iterate over it."""
        held = _ask(self, "iter")
        return held if isinstance(held, Remote) else iter(())

    def __next__(self) -> object:
        """The next of an iterator."""
        return _ask(self, "next")

    def __eq__(self, other: object) -> bool:
        """Whether it is the same thing."""
        return isinstance(other, Remote) and _target(self) == _target(other)

    def __hash__(self) -> int:
        """By what it stands for."""
        return hash(str(_target(self)))


def _target(remote: Remote) -> list[object]:
    target: list[object] = object.__getattribute__(remote, "_target")
    return target


def _ask(remote: Remote, part: str, *arguments: object) -> object:
    connection: Connection = object.__getattribute__(remote, "_connection")
    return connection.ask(part, _target(remote), *arguments)


def _error(name: str, text: str) -> BaseException:
    """The exception of Python's own that the solution has raised, else a plain one."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(text)
        except TypeError:
            pass
    return RuntimeError(text)


def _overwrite(old: object, new: object) -> None:
    """Make an argument what the solution has made of it."""
    if type(old) is not type(new):
        return
    if isinstance(old, list | bytearray):
        old[:] = cast("list[int]", new)
    elif isinstance(old, dict | set):
        old.clear()
        old.update(cast("dict[object, object]", new))


def stand_ins(
    tests: CodeType, connection: Connection, *, given: Collection[str], names: Iterable[str]
) -> dict[str, object]:
    """Make stand-ins for `names`, and for whatever else the tests look up that nobody else defines."""
    undefined = {name for name in _names(tests) if name not in given and not hasattr(builtins, name)}
    # A module that the tests forgot to import is the library's: no solution may hand over its own.
    modules = {name: import_module(name) for name in undefined & sys.stdlib_module_names}
    remote = undefined.difference(modules).union(names)
    return modules | {name: Remote(connection, ["name", name]) for name in remote}


def _names(code: CodeType) -> set[str]:
    """All names that a piece of code and the functions in it may look up."""
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inner))
