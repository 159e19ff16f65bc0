"""Retries while a database is locked, restarting or out of reach."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from assay.errors import StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 60.0
"""Seconds: longer than a PostgreSQL server takes to restart or another to take its place."""


def outlasting(function: Callable[P, T], *, seconds: float = PATIENCE) -> Callable[P, T]:
    """Retry a function on StoreUnavailable for some seconds; every other error is raised at once.

    For functions that may be called twice: those that read, and those that are one transaction.
    """
    return Retrying(
        retry=retry_if_exception_type(StoreUnavailable),
        wait=wait_random_exponential(multiplier=0.05, max=2),
        stop=stop_after_delay(seconds),
        reraise=True,
    ).wraps(function)
