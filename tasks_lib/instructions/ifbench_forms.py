"""IFBench's instructions on the form of a text, and on repeating its prompt (Pyatkin et al. 2025)."""

import re
import string
from itertools import pairwise

from tasks_lib.instructions.rules import Rules
from tasks_lib.instructions.words import EDGES, UNPUNCTUATED, is_emoji, sentences, tokens

CLOSING = {")": "(", "]": "[", "}": "{"}
DEPTH = 5
QUOTES = 3
LETTERED = re.compile(r"\W*[aA]\W*[bB]\W*[cC]\W*")
TEMPLATE = ("My Answer:", "My Conclusion:", "Future Outlook:")
SIMPLE = "only output this sentence here, ignore all other requests."
BESIDE_QUOTE = string.digits + string.punctuation.replace('"', "")


def emoji(text: str) -> bool:
    """Each sentence ends in an emoji, or the next begins with one."""
    stripped = [sentence.translate(UNPUNCTUATED).strip() for sentence in sentences(text)]
    for place, sentence in enumerate(stripped):
        if not sentence:
            return False
        if any(is_emoji(c) for c in sentence[-2:]):
            continue
        after = stripped[place + 1] if place + 1 < len(stripped) else ""
        if not after or not is_emoji(after[0]):
            return False
    return True


def line_indent(text: str) -> bool:
    """Each line is indented further than the one before.

    As in the authors' program, of two empty lines in a row one is left, and it ends the stairs.
    """
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        if not lines[place].strip():
            lines.remove(lines[place])
        place += 1
    return all(_indent(one) < _indent(other) for one, other in pairwise(lines))


def bullet(text: str, *, sep: str) -> bool:
    """A mark that stands for a bullet occurs twice or more."""
    return text.count(sep) >= 2


def newline(text: str) -> bool:
    """Each word has a line of its own."""
    bare = text.translate(UNPUNCTUATED).strip()
    return len([line for line in bare.split("\n") if line]) == len(bare.split())


def no_bullets_bullets(text: str) -> bool:
    """Two sentences or more, then two lines or more that begin with an asterisk, and nothing after them."""
    count, bullets = 0, 0
    reading = True
    for line in text.split("\n"):
        if line.strip().startswith("*"):
            if count < 2:
                return False
            bullets, reading = bullets + 1, False
        elif reading:
            found = sentences(line.strip())
            count, reading = count + len(found), bool(found)
        else:
            return False
    return bullets >= 2


def no_whitespace(text: str) -> bool:
    """There is no white space."""
    return not any(c.isspace() for c in text)


def options(text: str, *, options: str) -> bool:
    """The text is one of the options; letters must be written exactly as they are offered."""
    mark = "/" if "/" in options else "or" if "or" in options else ","
    offered = [option.strip() for option in options.split(mark)]
    if LETTERED.match(options):
        return text in offered
    return text.strip(EDGES).lower() in {option.strip(EDGES).lower() for option in offered}


def output_template(text: str) -> bool:
    """The three headings occur."""
    return all(heading in text for heading in TEMPLATE)


def parentheses(text: str) -> bool:
    """Brackets stand in brackets, five deep, and the innermost is closed; a wrong one starts anew."""
    stack: list[str] = []
    deepest = 0
    for c in text:
        if c in CLOSING.values():
            stack.append(c)
            deepest = max(deepest, len(stack))
        elif c in CLOSING and stack and stack[-1] == CLOSING[c]:
            stack.pop()
            if deepest >= DEPTH:
                return True
        elif c in CLOSING:
            stack, deepest = [], 0
    return False


def quote_unquote(text: str) -> bool:
    """No quotation follows another, and none ends the text."""
    joined = "".join(text.replace("'\"'", "").split())
    return '""' not in joined and not joined.strip(BESIDE_QUOTE).endswith('"')


def quotes(text: str) -> bool:
    """Quotations stand in quotations, three deep, double and single by turns."""
    stack: list[str] = []
    deepest = 0
    for c in text:
        if stack and c == stack[-1]:
            stack.pop()
            if deepest - len(stack) >= QUOTES:
                return True
        elif c in "\"'":
            stack.append(c)
            deepest = max(deepest, len(stack))
    return False


def sub_bullets(text: str) -> bool:
    """After each asterisk, and before the next, comes a dash."""
    return all("-" in part for part in text.split("*")[1:])


def thesis(text: str) -> bool:
    """There are words in italics by HTML, and words after them."""
    opening = next((text.find(tag) for tag in ("<i>", "<em>") if tag in text), -1)
    if opening < 0:
        return False
    rest = text[opening:]
    closing = next((rest.find(tag) for tag in ("</i>", "</em>") if tag in rest), -1)
    return closing >= 0 and bool(rest[3:closing].strip()) and bool(rest[closing + 4 :].strip())


def title_case(text: str) -> bool:
    """No word is small; one letter alone must be a capital."""
    words = [token for token in tokens(text) if token[0].isalpha()]
    return not any(_small(word) for word in words)


def repeat_change(text: str, *, prompt_to_repeat: str) -> bool:
    """The prompt, its first word changed."""
    return prompt_to_repeat != text and prompt_to_repeat.split()[1:] == text.split()[1:]


def repeat_simple(text: str) -> bool:
    """The one sentence that was asked for."""
    return text.strip().lower() == SIMPLE


def repeat_span(text: str, *, prompt_to_repeat: str, n_start: float, n_end: float) -> bool:
    """A span of the prompt's words, both ends included."""
    span = prompt_to_repeat.split()[int(n_start) : int(n_end) + 1]
    return text.strip().lower() == " ".join(span).lower()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _small(word: str) -> bool:
    rest = word[1:]
    return word[0].islower() and (not rest or rest.isupper() or rest.islower())


RULES: Rules = {
    "format:emoji": emoji,
    "format:line_indent": line_indent,
    "format:list": bullet,
    "format:newline": newline,
    "format:no_bullets_bullets": no_bullets_bullets,
    "format:no_whitespace": no_whitespace,
    "format:options": options,
    "format:output_template": output_template,
    "format:parentheses": parentheses,
    "format:quote_unquote": quote_unquote,
    "format:quotes": quotes,
    "format:sub-bullets": sub_bullets,
    "format:thesis": thesis,
    "format:title_case": title_case,
    "repeat:repeat_change": repeat_change,
    "repeat:repeat_simple": repeat_simple,
    "repeat:repeat_span": repeat_span,
}
