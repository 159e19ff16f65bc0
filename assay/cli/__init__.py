"""The `assay` command: one module for each noun, loaded when it is used."""

import os
import sys
from collections.abc import Sequence

import typer

from assay.cli.ending import terminated_as_interrupted
from assay.cli.lazy import build, first_word
from assay.cli.messages import complain, say
from assay.cli.repeats import refuse_repeats
from assay.disk import explain_os
from assay.errors import AssayError, UnknownName, UsageError
from assay.prefect_server import release

COMMANDS = {
    "run": "Evaluate a checkpoint on tasks or suites; show the scores with their errors.",
    "compare": "Compare two checkpoints or runs, question by question.",
    "gate": "Compare with a policy; the exit code is the verdict.",
    "curve": "Show the checkpoints of a training run as learning curves.",
    "plan": "Say how many questions or samples a difference needs.",
    "tasks": "List, show and prove tasks.",
    "suites": "List suites and what they are made of.",
    "harnesses": "List the ways of running a task.",
    "inspect": "Show the exact prompt of a question, and what a given answer would score.",
    "runs": "List the runs in the store; show or remove one.",
    "samples": "Look at the answers of a run.",
    "rescore": "Score a run's stored answers again, without a request.",
    "cache": "Count what the response log holds, or remove what is old.",
    "checkpoint": "Announce checkpoints so they are evaluated automatically.",
    "demo": "Train a tiny model, evaluate its checkpoints, compare the last two.",
    "up": "Start the Prefect server and serve the deployments.",
    "down": "Stop the server that `up` or another command started.",
    "doctor": "Look at what is configured, reachable and installed.",
    "status": "Say what is running, and where Assay keeps its files.",
}
INTERRUPTED = 130
UNEXPECTED = 70
TERMINATED = "TerminationSignal"


USAGE: type[Exception] = typer.BadParameter.__mro__[1]
"""What Typer raises for a command line that does not parse."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; docs/cli.md lists the exit codes."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    # Small matrices are slower by orders of magnitude when two processes use two threads each.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        with terminated_as_interrupted():
            code = _run(arguments)
    except KeyboardInterrupt:
        gone = release()
        code = INTERRUPTED if gone is None else _tell(gone)
    except Exception as error:  # the process's border: a user gets one sentence, a developer --debug
        if "--debug" in arguments:
            raise
        code = _tell(error)
    except BaseException as error:
        # The engine takes SIGTERM while a flow runs, and raises an exception that only it defines.
        if type(error).__name__ != TERMINATED:
            raise
        code = INTERRUPTED
    release()
    if code == INTERRUPTED:
        say("Interrupted. What is finished is kept; the same command goes on from there.")
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    wanted = first_word(arguments)
    if wanted is not None and wanted not in COMMANDS:
        raise UnknownName("command", wanted, COMMANDS)
    command = typer.main.get_command(build(COMMANDS, wanted=wanted))
    refuse_repeats(command, arguments)
    ended = command(list(arguments), obj=tuple(arguments), prog_name="assay", standalone_mode=False)
    return ended if isinstance(ended, int) else 0


def _tell(error: Exception) -> int:
    """Print one sentence for an error, and return the exit code that goes with it."""
    if isinstance(error, AssayError):
        complain(str(error))
        return error.exit_code
    if isinstance(error, USAGE):
        return _tell_usage(error)
    if isinstance(error, OSError) and (failure := explain_os(error)):
        return _tell(failure)
    complain(f"unexpected {type(error).__name__}: {error}. Run `assay --debug ...` for the traceback.")
    return UNEXPECTED


def _tell_usage(error: Exception) -> int:
    message: str = error.format_message()  # type: ignore[attr-defined]
    path = getattr(getattr(error, "ctx", None), "command_path", "assay")
    if message:  # without one the help was shown instead
        complain(f"{message.removesuffix('.')}{'' if message.endswith('?') else '.'} See `{path} --help`.")
    return UsageError.exit_code
