"""How often this process looks for garbage: seldom, since records hold no cycles and a run makes millions."""

import gc
from functools import cache

OBJECTS = 50_000
"""New objects between two looks at the youngest, where Python's own number is 700."""


@cache
def look_seldom() -> None:
    """Leave out what is there already, most of it modules, and wait for more of what is new.

    Once in a process: what is garbage at the moment is left out for good.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS, 10, 10)
