"""The last step inside a sandbox: limits are set, then the program takes this process's place.

Runs by itself (`python -I launch.py LIMITS PROGRAM...`). The number of processes must be limited here,
inside the new user namespace, where it counts the sandbox's own alone.
"""

import json
import os
import resource
import sys


def main(limits: str, argv: list[str]) -> None:
    """Set limits from JSON and execute the program."""
    for name, value in json.loads(limits).items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (wanted, wanted))
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - the program to be run
    except OSError as error:
        print(f"{argv[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
