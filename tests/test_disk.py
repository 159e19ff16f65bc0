"""Errors of the file system are sentences with a remedy."""

import errno
import os

import pytest

from assay.disk import explain_os


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full, so /runs/log could not be written. Free some space"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EROFS, "cannot be opened (Read-only file system). Make the folder writable"),
        (errno.EACCES, "The file /runs/log cannot be opened"),
    ],
)
def test_a_file_that_cannot_be_written_has_a_remedy(number: int, words: str) -> None:
    assert words in str(explain_os(OSError(number, os.strerror(number), "/runs/log")))


def test_other_errors_stay_unexpected() -> None:
    assert explain_os(OSError(errno.EIO, "Input/output error")) is None
