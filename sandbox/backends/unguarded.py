"""Set limits, then let a program take this process's place: what runs where there is no sandbox.

Runs by itself (`python -I unguarded.py LIMITS PROGRAM...`, limits in JSON) and imports nothing of Assay.
"""

import json
import os
import resource
import sys


def main(limits: dict[str, int], argv: list[str]) -> None:
    """Set what limits this system knows and execute the program."""
    for name, wanted in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is None:
            continue
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - the program to be run
    except OSError as error:
        print(f"{argv[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
