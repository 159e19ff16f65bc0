"""The Prefect server of this `ASSAY_HOME`: started by whoever needs it first, shared, stopped when idle.

Prefect itself is not imported here: the server is a process, spoken to over HTTP.
"""

from assay.prefect_server.keeper import keep, release
from assay.prefect_server.lifecycle import Server, ensure, find, stop, touch
from assay.prefect_server.secret import auth_string, secret_file
from assay.prefect_server.speech import call, given_url, healthy

__all__ = [
    "Server",
    "auth_string",
    "call",
    "ensure",
    "find",
    "given_url",
    "healthy",
    "keep",
    "release",
    "secret_file",
    "stop",
    "touch",
]
