"""Find the program in what a model wrote."""

import re

FENCED = re.compile(r"```[ \t]*(?:python|py)?[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)


def fenced_code(text: str) -> str | None:
    """Return the longest block between code fences, else all of the text; None where nothing is left."""
    blocks = FENCED.findall(text)
    code = max(blocks, key=len) if blocks else text
    return code if code.strip() else None
