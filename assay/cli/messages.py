"""What goes to standard error beside progress: errors and remarks, wrapped where somebody looks at them."""

import shutil
import sys
import textwrap

from assay.redaction import redact
from assay.visible import visible

WIDEST = 100


def complain(text: str) -> None:
    """Print an error; see `say`."""
    say(f"error: {text}")


def say(text: str) -> None:
    """Print a sentence on standard error: wrapped at words in a terminal, else in one line."""
    text = visible(redact(text))
    sys.stdout.flush()
    if sys.stderr.isatty():
        width = min(WIDEST, shutil.get_terminal_size().columns)
        text = textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
    else:
        text = " ".join(text.split())
    print(text, file=sys.stderr)
