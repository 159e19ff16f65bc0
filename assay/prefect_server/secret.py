"""The secret of this home's Prefect server, without which it answers nobody.

It is Prefect's own API auth string, `user:password`. It travels by environment and file only, since any user
of the machine may read a command line.
"""

import secrets
from pathlib import Path

from filelock import FileLock

from assay.private import read_own, write_own
from assay.processes import folder, place

USER = "assay"
BYTES = 24


def secret_file() -> Path:
    """Return where the secret is kept, whether there is one or not."""
    return place() / "server.secret"


def auth_string() -> str:
    """Return the secret, made where there is none yet; raises ServerError and UnsafePath."""
    folder()
    file = secret_file()
    with FileLock(file.with_name("secret.lock")):
        try:
            known = read_own(file).strip()
        except FileNotFoundError:
            known = ""
        if not known:
            known = f"{USER}:{secrets.token_urlsafe(BYTES)}"
            write_own(file, known)
    return known
