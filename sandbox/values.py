"""Plain values as JSON: all that passes between a solution and what checks it.

Numbers, texts and the containers of Python, and some of its library, keep their types; whatever else a
solution returns stays with it, and a number stands for it. Decoding makes values of exactly these types, so
nothing that a solution's own class does takes part in a comparison.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

Keep = Callable[[object], object]
"""Returns what stands for a value without plain form, as JSON; raises NotPlain where nothing does."""
Find = Callable[[str, list[object]], object]
"""Returns what such JSON, by its first word, stands for."""
SMALL = 1 << 62
EXACT = frozenset({bool, float, str, type(None)})
EMPTY: dict[object, object] = {}
KEYS, VALUES, ITEMS = type(EMPTY.keys()), type(EMPTY.values()), type(EMPTY.items())


class NotPlain(Exception):
    """A value that cannot pass."""


def encode(value: object, keep: Keep) -> object:
    """Write a value as what JSON can hold; of a subclass only what its base class knows."""
    kind = type(value)
    if kind in EXACT:
        return value
    known = kind if kind in CONTAINERS or kind in WRITERS else _base(value)
    if known in CONTAINERS:
        word, parts = CONTAINERS[known]
        return [word, *[encode(part, keep) for part in parts(value)]]
    return WRITERS[known](value) if known in WRITERS else keep(value)


def decode(data: object, find: Find) -> object:
    """Read a value; raises ValueError, TypeError and the like for what no `encode` writes."""
    if type(data) is not list:
        return data
    word, *parts = data
    if word in READERS:
        return READERS[word]([decode(part, find) for part in parts])
    return find(word, parts)


def _base(value: object) -> type:
    return next((base for base in (*CONTAINERS, *WRITERS) if isinstance(value, base)), object)


def _flat(pairs: Iterable[Any]) -> Iterable[object]:
    return (part for pair in pairs for part in pair)


def _items(value: Any) -> Iterable[object]:
    return _flat(dict.items(value))


def _pairs(parts: list[object]) -> dict[object, object]:
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _integer(value: Any) -> object:
    number = int.__int__(value)
    return number if -SMALL < number < SMALL else ["int", hex(number)]


def _worded(value: object) -> object:
    return [next(kind.__name__ for kind in WORDED if isinstance(value, kind)), str(value)]


def _read(read: Callable[[str], object], parts: list[Any]) -> object:
    return read(parts[0])


CONTAINERS: dict[type, tuple[str, Callable[[Any], Iterable[object]]]] = {
    list: ("list", list.__iter__),
    tuple: ("tuple", tuple.__iter__),
    Counter: ("Counter", _items),
    OrderedDict: ("OrderedDict", _items),
    dict: ("dict", _items),
    set: ("set", set.__iter__),
    frozenset: ("frozenset", frozenset.__iter__),
    deque: ("deque", iter),
    KEYS: ("keys", iter),
    VALUES: ("list", iter),
    ITEMS: ("items", _flat),
}
"""What is written by its parts: the word for it, and how these are had."""
WORDED: dict[type, Callable[[str], object]] = {
    complex: complex,
    Decimal: Decimal,
    Fraction: Fraction,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
}
"""What Python reads back from its own text."""
WRITERS: dict[type, Callable[[Any], object]] = {
    int: _integer,
    float: float.__float__,
    str: str.__str__,
    bytes: lambda value: ["bytes", value.hex()],
    bytearray: lambda value: ["bytearray", value.hex()],
    range: lambda value: ["range", value.start, value.stop, value.step],
    timedelta: lambda value: ["timedelta", value.days, value.seconds, value.microseconds],
    **dict.fromkeys(WORDED, _worded),
}
READERS: dict[object, Callable[[list[Any]], object]] = {
    "list": lambda parts: parts,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
    "keys": lambda parts: dict.fromkeys(parts).keys(),
    "dict": _pairs,
    "items": lambda parts: _pairs(parts).items(),
    "OrderedDict": lambda parts: OrderedDict(_pairs(parts)),
    "Counter": lambda parts: Counter(_pairs(parts)),
    "int": lambda parts: int(parts[0], 16),
    "bytes": lambda parts: bytes.fromhex(parts[0]),
    "bytearray": lambda parts: bytearray.fromhex(parts[0]),
    "range": lambda parts: range(*parts),
    "timedelta": lambda parts: timedelta(*parts),
    **{kind.__name__: partial(_read, read) for kind, read in WORDED.items()},
}
