"""Plain text from what models wrap around an answer: markdown, LaTeX, HTML, brackets, full-width forms."""

import re
import unicodedata

END_TOKEN = re.compile(
    r"(?<![\"'`])(?:<\|(?:eot_id|eom_id|im_end|im_start|end|end_of_text|endoftext|end_of_turn|return|"
    r"start_header_id|eos|endofturn)\|>|<(?:end_of_turn|start_of_turn|\uff5cend\u2581of\u2581sentence\uff5c)>|"
    r"\[/?INST\]|</?s>\s*\Z|<eos>\s*\Z)"
)
"""What marks the end of a turn in the tokens of model families; some servers leave it in the text."""
STYLED = re.compile(
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|mathbf|mathrm|mathit|mathsf|mathtt|bf|rm|bold|boldsymbol|"
    r"emph|underline|mbox)\s*\{([^{}]{0,400})\}"
)
BOXED = re.compile(r"\\(?:boxed|answer|ans|fbox|framebox|colorbox)\s*\{([^{}]{0,400})\}")
TAGGED = re.compile(r"<(?:(?:final_?)?answer|final|choice|option|solution)>", re.IGNORECASE)
TAG = re.compile(
    r"</?(?:b|i|em|strong|p|u|code|span|(?:final_?)?answer|final|choice|option|solution|br)\s?/?>",
    re.IGNORECASE,
)
LONE_TAG = re.compile(r"<([BIPU])>(?![^\n]{0,200}</\1>)")
"""A capital in angle brackets that nothing closes: a letter, and no tag."""
SLANTED = re.compile(r"(?<![A-Za-z0-9_])_([A-Za-z])_(?![A-Za-z0-9_])")
STRUCK = re.compile(r"~~[^~\n]{0,400}~~")
MATHS = re.compile(r"\\[()\[\]]|\$+|\*+|__|`+")
NESTED = 3
"""Commands of style within each other that are looked through."""


def until_end_token(text: str) -> str:
    """Cut a text where a token ends the turn that the server should have ended."""
    match = END_TOKEN.search(text)
    return text if match is None else text[: match.start()]


def unmarked(text: str, *, boxed: str) -> str:
    """Drop markdown, styles of LaTeX and tags; `boxed` is written before what stands in a box.

    Full-width letters and digits become plain ones, and what is struck out is dropped.
    """
    text = unicodedata.normalize("NFKC", until_end_token(text))
    text = STRUCK.sub(" ", text)
    for _ in range(NESTED):
        text = STYLED.sub(r"\1", text)
    text = BOXED.sub(rf"{boxed}\1 ", text)
    text = LONE_TAG.sub(r"(\1)", SLANTED.sub(r"\1", text))
    text = TAG.sub(" ", TAGGED.sub(boxed, text))
    return MATHS.sub("", text)
