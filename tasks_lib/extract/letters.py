"""Find the letter of a choice in what a model wrote.

Every rule holds for all letters alike, so that no position of the right choice is favoured. The words `A` and
`I` count where no English sentence would go on so.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tasks_lib.extract.markup import unmarked

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BEGINNING, ENDING = 2_000, 100_000
"""Characters of a long text that are read: nobody states an answer in the middle of a megabyte."""

LATIN = "A-Za-z0-9\u00c0-\u024f\u0370-\u04ff"
TURKISH = re.compile(r"(?<=\b[A-Z])['\u2019][dt][i\u0131u\u00fc]r\b")
"""The Turkish "is", which is written to the letter."""
WRAPPED = re.compile(
    rf"(?<![{LATIN}])[(\[{{<\"'\u201c\u2018\u00ab\u300c\u300e\u3010\u300a]\s?([A-Za-z])[.:]?\s?"
    r"[)\]}>\"'\u201d\u2019\u00bb\u300d\u300f\u3011\u300b]"
)
"""A letter in brackets or quotes, which is written `\u27e6A\u27e7` from then on."""
SENTENCE_ENDS = (
    r"[^\S\n]*(?:$|[.()\]:;!?|\n\u3002\uff0c\u3001\u27e6]|,(?!\d)|[-\u2013\u2014](?![A-Za-z0-9])|\u2014)"
)
GOES_ON = (
    r"[^\S\n]+(?:because|since|as|and|or|but|which|due|given|for|is|was|would|must|with|not|by|per|if|in|"
    r"weil|denn|porque|parce|option|choice|seems|looks|remains|fits|holds|works|follows|here|then)\b"
)
AFTER = rf"(?:{SENTENCE_ENDS}|{GOES_ON}|[^\x00-\u02ff]|[^\S\n]+[\u0370-\u1dff\u3040-\ud7ff])"
"""What follows a letter and not an article or a pronoun."""
CAPITAL = (
    r"(?:\u27e6(?P<marked>[A-Z])\u27e7|"
    rf"(?<![{LATIN}'\u2019])(?:(?P<capital>[B-HJ-Z])(?![{LATIN}'\u2019+#&]|-[A-Za-z])|"
    rf"(?P<word>[AI](?={AFTER})|(?<=is\s)A(?=\s[A-Z0-9]))))"
)
"""A letter in brackets, or a capital; those that are words where the sentence ends or pauses after them."""
LETTER = CAPITAL.replace("[AI](?", "[AIa-z](?")
"""The same, or a small letter where the sentence ends or pauses after it."""
ANSWER = (
    r"(?:\b(?:answer|ans|antwort|l\u00f6sung|r\u00e9ponse|reponse|respuesta|resposta|risposta|antwoord|svar|"
    r"odpowied\u017a|odpov\u011b\u010f|jawaban|cevap|\u043e\u0442\u0432\u0435\u0442)\b"
    r"|\u0111\u00e1p \u00e1n|\u7b54\u6848|\u7b54\u3048|\u56de\u7b54|\u89e3\u7b54|\u6b63\u89e3"
    r"|\uc815\ub2f5|\ub2f5)"
)
JOINS = (
    r"(?:is|are|was|be|would|must|should|has|will|to|seems|appears|might|could|ist|w\u00e4re|lautet|est|es|"
    r"sera|\u00e8|\u00e9|\u00e4r|jest|adalah|l\u00e0|[:=|]|[-\u2013\u2014]+>?|\u2192|\u21d2|\n|"
    r"[\u662f\u70ba\u4e3a\u5e94\u61c9\u8be5\u8a72\u9009\u9078\u306f\uc740\ub294])"
)
FILLS = (
    r"(?:the|that|this|thus|therefore|so|clearly|indeed|definitely|probably|likely|most|actually|simply|just|"
    r"it|i|we|my|final|think|believe|say|guess|of|here|question|one|letter|option|choice|answer|correct|right|"
    r"best|either|number|die|der|das|la|le|el|il|a\u0300|opci\u00f3n|op\u00e7\u00e3o|antwort|richtig|"
    r"[,.\"'#>\u9879\u9805])"
)
BETWEEN = rf"(?:[^\S\n]*(?:{JOINS}|{FILLS}(?![{LATIN}])))"
STATED = re.compile(rf"(?i:{ANSWER}(?:\(s\))?{BETWEEN}{{0,16}}?)\s*{LETTER}")
NOTHING = re.compile(
    rf"{ANSWER}[^\S\n]*(?:is|:)+\s*(?:none\b|neither\b|unknown|n/a|(?:i )?do(?:n't| not) know|cannot\b|"
    r"can't\b|not (?:known|sure|given|listed|among)|no (?:answer|correct|option|choice)|unclear)",
    re.IGNORECASE,
)
"""An answer that says that no choice is one."""
CONCLUDED = re.compile(
    r"(?i:\b(?:so|therefore|thus|hence|leav(?:es?|ing)|left with|conclude|correct|right|best|"
    r"pick|choose|chose|select|go(?:ing)? with|must be|should be|has to be|would be|it is|it's|that is|"
    r"w\u00e4hle|remaining)\b|\u2192|\u21d2|=>|\u2234|[\u9009\u9078]|\u6240\u4ee5|\u56e0\u6b64|\u6545)"
    rf"(?i:{BETWEEN}{{0,8}}?)\s*{CAPITAL}"
)
CONFIRMED = re.compile(
    rf"{CAPITAL}[^\S\n]*(?i:(?:is|seems|looks|appears|must be|would be|has to be|to be)[^\S\n]+"
    r"(?:(?:the|clearly|therefore|thus|indeed|also|most|only|a|one|that)[^\S\n]+){0,4}"
    r"(?:correct|right|true|best|answer|likely|remaining|left)\b|(?:remains|is left|fits|holds|works)\b|"
    r"\u6b63\u786e|\u5bf9)"
)
NAMED = r"[\s#>-]*(?i:(?:option|choice|letter)[^\S\n]+)?"
FIRST_LINE = re.compile(rf"\A{NAMED}{LETTER}[.:)]?[^\S\n]*(?:\n|\Z)")
LAST_LINE = re.compile(rf"(?:\A|\n){NAMED}{LETTER}[.:)]?\s*\Z")
OPENING = re.compile(
    rf"\A\W*?(?:\u27e6(?P<marked>[A-Z])\u27e7|(?P<capital>[A-Z])(?={AFTER})|(?P<word>[a-z])(?=[^\S\n]*(?:[.):]|$)))"
)
ALONE = re.compile(CAPITAL)
OPTION_LINE = re.compile(r"^[\s>*-]*\u27e6?([A-Z])(?:[.):]|\u27e7)[^\S\n]+\S", re.MULTILINE)
NEXT_QUESTION = re.compile(r"\n\s*(?:Question|Q)\b|\n\s*\u27e6?A(?:[.):]|\u27e7)\s")
DENIED = re.compile(
    r"(?:\b(?:not|never|nor|neither|cannot|rul(?:e[sd]?|ing) out|eliminat\w+|exclud\w+|reject\w*|discard\w*|"
    r"dismiss\w*|rather than|instead of|other than|except|unlike|than|nicht|distractor|trap|incorrect|wrong)|"
    r"n't|\u4e0d\u662f|\u6392\u9664)\W*(?:(?:be|options?|choices?|answers?|the|letter|to|it|is|either)\W+){0,4}\Z",
    re.IGNORECASE,
)
REFUTED = re.compile(
    r"[^\S\n]*(?:(?:is|was|are|seems|looks|would be|can be|could be)[^\S\n]+"
    r"(?:(?:clearly|also|definitely|obviously|a|an|the|just|only|common|thus|therefore)[^\S\n]+){0,4})?"
    r"(?:is not|isn't|can't|cannot|not\b|wrong|incorrect|false|ruled out|eliminated|excluded|impossible|"
    r"distractor|tempting|trap|out\b|doesn't|does not|won't|wasn't|\u4e0d|\u9519)",
    re.IGNORECASE,
)
SUPPOSED = re.compile(
    r"\b(?:if|suppos\w+|assum\w+|unless|whether|incorrect|wrong|false|why)\b[^.\n]{0,30}\Z", re.IGNORECASE
)
JOINS_BEFORE = re.compile(
    rf"(?:\u27e6([A-Z])\u27e7|(?<![{LATIN}'\u2019])([A-Z]))[^\S\n]*(?:/|&|and|or|oder|und|\u6216|\u548c)[^\S\n]*"
    r"(?:option |choice )?\u27e6?\Z"
)
JOINED = re.compile(
    r"[^\S\n]*(?:,|/|&|and|or|oder|und|\u6216|\u548c)[^\S\n]*(?:and |or )?(?:option |choice )?"
    rf"(?:\u27e6([A-Z])\u27e7|([A-Z])(?![{LATIN}'\u2019]))(?![^\S\n]+(?:is|was|are|seems|can|would|has|does)\b)"
)


class Mention(NamedTuple):
    """A letter that a text names, where the phrase around it begins, and where it stands."""

    letter: str
    start: int
    at: int
    end: int


def choice_letter(text: str, *, among: str = LETTERS) -> str | None:
    """Return the letter that a careful reader takes for the answer; None where none is stated.

    In this order: the last "answer is X" or box, a last line that is a letter, the last conclusion ("so X",
    "leaving X", "X is right"), a letter that opens the text, the last letter that stands alone. What is
    denied, ruled out or supposed does not count, nor "A or B". Only the letters of the question's choices do.
    """
    if len(text) > BEGINNING + ENDING:
        text = f"{text[:BEGINNING]}\n{text[-ENDING:]}"
    text = _wrapped(unmarked(text, boxed=" answer: ")).strip()
    lone = next(_mentions(FIRST_LINE, text, among), None)
    if lone is not None and (following := NEXT_QUESTION.search(text, lone.end)):
        text = text[: following.start()]
    stated = [m for m in _mentions(STATED, text, among) if not SUPPOSED.search(_before(text, m.start))]
    denials = [match.end() for match in NOTHING.finditer(text)]
    if denials and (not stated or denials[-1] > stated[-1].end):
        return None
    concluded = [*_mentions(CONCLUDED, text, among), *_mentions(CONFIRMED, text, among)]
    concluded.sort(key=lambda mention: mention.end)
    for mentions in (
        stated,
        [*_mentions(LAST_LINE, text, among), *([lone] if lone else [])][:1],
        concluded,
        list(_opening(text, among)),
        list(_mentions(ALONE, text, among)),
    ):
        if mentions:
            return None if _hedged(text, mentions[-1], among) else mentions[-1].letter
    return None


def _wrapped(text: str) -> str:
    return WRAPPED.sub(lambda match: f"\u27e6{match.group(1).upper()}\u27e7", TURKISH.sub("", text))


def _before(text: str, start: int) -> str:
    return text[max(0, start - 60) : start]


def _mentions(pattern: re.Pattern[str], text: str, among: str) -> Iterator[Mention]:
    """Yield the letters of choices that a pattern finds and the text does not deny."""
    for match in pattern.finditer(text):
        name = match.lastgroup or ""
        mention = Mention(match[name].upper(), match.start(), match.start(name), match.end(name))
        if mention.letter in among and not _denied(text, mention.at, mention.end):
            yield mention


def _denied(text: str, start: int, end: int) -> bool:
    after = end + (text[end : end + 1] == "\u27e7")
    return bool(DENIED.search(_before(text, start).rstrip("\u27e6")) or REFUTED.match(text, after))


def _opening(text: str, among: str) -> Iterator[Mention]:
    """Yield the letter that opens the text, unless that is the first line of a list of options."""
    listed = {line[1] for line in OPTION_LINE.finditer(text)}
    if len(listed) < 2:
        yield from _mentions(OPENING, text, among)


def _hedged(text: str, mention: Mention, among: str) -> bool:
    """Tell whether another letter is named in the same breath: "A or B"."""
    others = set(among) - {mention.letter}
    after = mention.end + (text[mention.end : mention.end + 1] == "\u27e7")
    later, sooner = JOINED.match(text, after), JOINS_BEFORE.search(_before(text, mention.at))
    if later is not None and (later[1] or later[2]) in others:
        return True
    if sooner is None or (sooner[1] or sooner[2]) not in others:
        return False
    return not DENIED.search(_before(text, mention.at)[: sooner.start()])
