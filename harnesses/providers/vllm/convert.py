"""Turn a checkpoint of another format into one that vLLM loads, once for each content and command."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from assay.errors import EndpointRefused
from assay.home import home

SHOWN = 600


def converted(checkpoint: Path, *, command: str, fingerprint: str) -> Path:
    """Return the folder of the converted checkpoint, made by the command where it is not there yet.

    The command has `{checkpoint}` and `{output}`; what it leaves counts only once it has succeeded.
    Raises EndpointRefused with what it said last.
    """
    done = home() / "converted" / fingerprint
    done.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(done.with_suffix(".lock")):
        if done.is_dir():
            return done
        partial = done.with_suffix(f".partial-{os.getpid()}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            _run(command, checkpoint=checkpoint, output=partial)
            partial.rename(done)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return done


def _run(command: str, *, checkpoint: Path, output: Path) -> None:
    words = [word.format(checkpoint=checkpoint, output=output) for word in shlex.split(command)]
    remedy = "Correct -M convert=..., which is run without a shell."
    try:
        ran = subprocess.run(  # noqa: S603 - the user's own command
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise EndpointRefused(
            f"The conversion {words[0]!r} cannot be started: {error.strerror}.", remedy=remedy
        ) from error
    if ran.returncode:
        said = " ".join((ran.stderr.strip() or ran.stdout.strip()).split())[-SHOWN:]
        raise EndpointRefused(
            f"The conversion of {str(checkpoint)!r} ended with exit code {ran.returncode}: {said}.",
            remedy=remedy,
        )
    if not any(output.iterdir()):
        raise EndpointRefused(
            f"The conversion of {str(checkpoint)!r} left nothing in its {{output}}.", remedy=remedy
        )
