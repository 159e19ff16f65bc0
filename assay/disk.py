"""Errors of the file system as one sentence with a remedy."""

import errno

from assay.errors import StoreError

FREE_SPACE = "Free some space, or set ASSAY_HOME to a folder on another disk."
WRITABLE = "Make the folder writable, or set ASSAY_HOME to one that is."
FULL = (errno.ENOSPC, errno.EDQUOT)
UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


def explain_os(error: OSError) -> StoreError | None:
    """Explain a full disk or a file without permission; None for any other error."""
    path = f" {error.filename}" if error.filename else ""
    if error.errno in FULL:
        what = f"The disk is full, so{path or ' a file'} could not be written."
        return StoreError(what, remedy=FREE_SPACE)
    if error.errno in UNWRITABLE:
        return StoreError(f"The file{path} cannot be opened ({error.strerror}).", remedy=WRITABLE)
    return None
