"""Write what a terminal would obey, or a reader would not see, as escapes: texts come from models and data.

Escape sequences can rewrite a screen, set a title or fill a clipboard; marks of direction let a text read
otherwise than it is.
"""

import re

HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"  # direction and no width
    "\u2028\u2029\ufff9-\ufffb"  # separators and annotations that few fonts show
    "\ud800-\udfff\U000e0000-\U000e007f"  # halves of a pair, and tags
    "]"
)


def visible(text: str) -> str:
    """Write control characters and marks of direction as `\\x1b` or `\\u202e`; keep tabs and newlines."""
    return HIDDEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
