"""Compare mathematical answers by Math-Verify, one a line of JSON, in a process that may be killed.

SymPy can take for ever on an expression a model wrote, and Math-Verify's own time limit works in a main
thread alone.
"""

import json
import logging
import sys
from importlib import import_module
from typing import Any

KINDS = {
    "latex": "LatexExtractionConfig",
    "expr": "ExprExtractionConfig",
    "string": "StringExtractionConfig",
}


def main() -> None:
    """Answer each line `{gold, answer, kinds, settings}` with `{equal, read}`."""
    math_verify = import_module("math_verify")
    logging.disable(logging.CRITICAL)
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        print(json.dumps(compared(math_verify, **json.loads(line))), file=answers, flush=True)


def compared(
    library: Any, *, gold: str, answer: str, kinds: list[str], settings: dict[str, Any]
) -> dict[str, Any]:
    """Read both and compare them; `read` is what was found in the answer, None for nothing."""
    targets = [getattr(library, KINDS[kind])() for kind in kinds]
    wanted, found = (library.parse(text, targets) for text in (gold, answer))
    read = str(found[-1]) if found else None
    return {"equal": bool(library.verify(wanted, found, **settings)), "read": read, "gold": bool(wanted)}


if __name__ == "__main__":
    main()
