"""The Prefect server of this `ASSAY_HOME`: started by whoever needs it first, shared, stopped when idle.

Prefect itself is not imported here: the server is a process, spoken to over HTTP.
"""

from assay.prefect_server.lifecycle import Server, ensure, find, given_url, stop, touch

__all__ = ["Server", "ensure", "find", "given_url", "stop", "touch"]
