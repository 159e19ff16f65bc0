"""Print the commands that would serve a checkpoint: `python -m harnesses.providers.vllm PATH key=value ...`.

One line for each process, as a shell reads it, for whoever starts the ranks of other machines.
"""

import sys
from collections.abc import Sequence

from assay.errors import AssayError, BadSpec
from harnesses.providers.settings import read_settings
from harnesses.providers.vllm.plan import plan
from harnesses.providers.vllm.settings import VllmSettings, check
from harnesses.providers.vllm.target import find, prepare

PORT = 8000
MEETING = 29500


def main(arguments: Sequence[str]) -> None:
    """Print the plan for a checkpoint; raises UsageError."""
    if not arguments or any("=" not in argument for argument in arguments[1:]):
        raise BadSpec("Write PATH key=value ..., with the settings that `assay run -M` takes.")
    settings = read_settings(dict(a.split("=", 1) for a in arguments[1:]), VllmSettings, provider="vllm")
    check(settings)
    target = prepare(find(arguments[0], settings), settings)
    ports = [*range(PORT, PORT + settings.replicas), MEETING]
    for command in plan(target, settings, python=settings.python or "python", ports=ports).commands:
        print(command)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except AssayError as error:
        sys.exit(f"error: {error}")
