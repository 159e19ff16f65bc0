"""Tell what a model thought aloud from what it answered, where both stand in one text."""

import re
from typing import NamedTuple

QUOTED = "\"'`\u201c\u2018"
"""A tag after one of these is spoken of, not used."""
NAMES = (
    r"(?:\w+:)?think(?:ing)?|thoughts?|reasoning|reason|reflection|scratchpad|inner_?(?:thoughts?|monologue)|"
    r"analysis|rationale|(?:deep|ant)_?think(?:ing)?|(?:thinking|thought)_?process|long(?:cat)?_think|internal_?(?:thoughts?|reasoning|monologue)|chain_?of_?thought|cot"
)
OPENS = re.compile(
    rf"(?<![{QUOTED}])(?:<(?:{NAMES})(?:\s[^<>\n]{{0,100}})?>|<\|(?:begin_of_thought|start_thinking|think|"
    r"thinking|inner_prefix|thought_start|think_start|thought)\|>|\[think\]|\u25c1think\u25b7|<unused94>(?:thought)?|"
    r"<\|channel\|?>(?:analysis|commentary|thought)[^<\n]{0,100}(?:<\|message\|>)?)",
    re.IGNORECASE,
)
CLOSES = re.compile(
    rf"(?<![{QUOTED}])(?:</(?:{NAMES})\s?>|<\|(?:end_of_thought|end_thinking|/think|/thinking|inner_suffix|thought_end|"
    r"think_end|/thought)\|>|\[/think\]|\u25c1/think\u25b7|<unused95>|<channel\|>|"
    r"(?:<\|end\|>)?\s*(?:<\|start\|>assistant)?<\|channel\|>final[^<\n]{0,100}<\|message\|>)",
    re.IGNORECASE,
)
"""Tags of DeepSeek, Qwen, Seed, Magistral, Kimi, Cohere, Sky-T1, Gemma and gpt-oss, and their kin."""
BARE_ANALYSIS = re.compile(r"\A\s*(?:assistant)?analysis(?=[A-Z\s])")
BARE_FINAL = "assistantfinal"
"""What is left of gpt-oss's channels where a server has dropped its special tokens."""
FRAMES = re.compile(
    r"<\|(?:begin|end)_of_solution\|>|<\|(?:start|end)_response\|>|\A\s*<\|channel\|>final<\|message\|>",
    re.IGNORECASE,
)
"""What some models put around their answer after the thought."""


class Parts(NamedTuple):
    """What a text holds: the thought, None without one, the answer, and whether each thought ends."""

    thought: str | None
    answer: str
    closed: bool = True


def parted(text: str) -> Parts:
    """Part a text into thought and answer, in time proportional to its length.

    A tag that closes what none has opened ends a thought that the prompt had opened. Where a thought never
    closes, what stands before it is all the answer there is.
    """
    if "<" not in text and "[" not in text and "\u25c1" not in text and "analysis" not in text[:40]:
        return Parts(None, text)
    if (opening := BARE_ANALYSIS.match(text)) and (end := text.rfind(BARE_FINAL)) >= 0:
        return Parts(text[opening.end() : end].strip(), text[end + len(BARE_FINAL) :])
    thoughts: list[str] = []
    answer: list[str] = []
    place = 0
    while opening := OPENS.search(text, place):
        closing = CLOSES.search(text, opening.end())
        if closing is None:
            # A closer before it belongs to the thought that the prompt opened; what is thought on is lost.
            kept = _after_stray(answer, text[place : opening.start()], thoughts)
            return Parts(_joined([*thoughts, text[opening.end() :]]), kept.strip(), closed=False)
        answer.append(text[place : opening.start()])
        thoughts.append(text[opening.end() : closing.start()])
        place = closing.end()
    return _ended(answer, text[place:], thoughts, whole=text)


def _ended(answer: list[str], rest: str, thoughts: list[str], *, whole: str) -> Parts:
    kept = _after_stray(answer, rest, thoughts)
    if not thoughts:
        return Parts(None, FRAMES.sub("", whole))
    return Parts(_joined(thoughts), FRAMES.sub("", kept).lstrip("\n"))


def _after_stray(answer: list[str], rest: str, thoughts: list[str]) -> str:
    """Move what stands before the last tag that closes nothing to the thoughts; returns what follows it."""
    kept = "".join([*answer, rest])
    stray = None
    for match in CLOSES.finditer(kept):
        stray = match
    if stray is None:
        return kept
    thoughts.append(kept[: stray.start()])
    return kept[stray.end() :]


def _joined(thoughts: list[str]) -> str:
    return "\n\n".join(thought.strip() for thought in thoughts)
