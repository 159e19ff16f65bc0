"""The `assay` command: one module for each noun, loaded when it is used."""

import os
import sys
from collections.abc import Sequence

from assay.cli.lazy import build, first_word
from assay.errors import AssayError

COMMANDS = {
    "run": "Evaluate a checkpoint on tasks or suites; show the scores with their errors.",
    "compare": "Compare two checkpoints or runs, question by question.",
    "gate": "Compare with a policy; the exit code is the verdict.",
    "curve": "Show the checkpoints of a training run as learning curves.",
    "plan": "Tell how many questions or samples a difference needs.",
    "tasks": "List, show and prove tasks.",
    "suites": "List suites and what they are made of.",
    "harnesses": "List the ways of running a task.",
    "inspect": "Show the exact prompt of a question, and what a given answer would score.",
    "runs": "List the runs in the store; show or remove one.",
    "rescore": "Score a run's stored answers again, without a request.",
    "cache": "Count what the response log holds, or remove what is old.",
    "checkpoint": "Announce checkpoints, so that they are evaluated unasked.",
    "demo": "Train a tiny model, evaluate its checkpoints, compare the last two.",
    "up": "Start the Prefect server and serve the deployments.",
    "down": "Stop the server that `up` or another command started.",
    "doctor": "Look at what is configured, reachable and installed.",
    "status": "Tell what is running, and where Assay keeps its things.",
}
INTERRUPTED = 130
UNEXPECTED = 70


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; docs/cli.md lists the exit codes."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in arguments
    # Small matrices are slower by orders of magnitude when two processes use two threads each.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        build(COMMANDS, wanted=first_word(arguments))(arguments, obj=tuple(arguments))
    except AssayError as error:
        if debug:
            raise
        _say(f"error: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("Interrupted. What is finished is kept; the same command goes on from there.")
        sys.exit(INTERRUPTED)
    except Exception as error:  # the process's border: a user gets one sentence, a developer --debug
        if debug:
            raise
        _say(f"unexpected error: {type(error).__name__}: {error}. Run `assay --debug ...` for the traceback.")
        sys.exit(UNEXPECTED)


def _say(line: str) -> None:
    sys.stdout.flush()
    print(line, file=sys.stderr)
