"""The progress bar of an evaluation, in a terminal or a notebook."""

import sys
import warnings
from concurrent.futures import Future, wait
from typing import TypeVar

from tqdm import TqdmWarning

from harnesses.evaluation.progress import Progress

T = TypeVar("T")

REFRESH = 0.2
"""Seconds between two looks at the counters."""


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    kernel = shell.get_ipython() if shell is not None else None
    return kernel is not None and "IPKernelApp" in kernel.config


def watched(future: "Future[T]", progress: Progress, *, show: bool) -> T:
    """Wait for the result, showing a bar meanwhile where somebody can see it.

    An interrupt cancels the evaluation and waits until it has recorded that.
    """
    with warnings.catch_warnings():
        # Without ipywidgets the bar is text, which needs no warning.
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm  # noqa: PLC0415 - the import itself decides and warns

    visible = show and (sys.stderr.isatty() or in_notebook())
    with tqdm(desc=progress.title, unit=" samples", disable=not visible, leave=False) as bar:
        try:
            while not wait([future], timeout=REFRESH).done:
                bar.total = progress.expected or None
                bar.n = progress.done
                bar.set_postfix_str(_postfix(progress), refresh=False)
                bar.refresh()
        except KeyboardInterrupt:
            future.cancel()
            wait([future])
            raise
    return future.result()


def _postfix(progress: Progress) -> str:
    if not progress.expected:
        return progress.step
    return f"{progress.failed} failed" if progress.failed else ""
