"""How a question becomes a request: completion, multiple choice by letter, cloze, gold text, whole text.

A prompt never ends in white space: the blank between prompt and answer belongs to the answer, so that the
tokens of both are those of the joined text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, Protocol

from pydantic import JsonValue

from assay.errors import BadSpec
from assay.records import Message, Pair, Question, Request, Sampling
from tasks_lib.extract.letters import LETTERS

SEPARATOR = "\n\n"
GAP = "_"
"""Stands in a Winograd schema where a choice belongs."""


class TextPrompt(Protocol):
    """A prompt that is one text, which the gold answer can follow."""

    def context(self, question: Question, *, shots: Sequence[Question]) -> str:
        """Write what stands before the answer."""
        ...

    def gold(self, question: Question) -> str | None:
        """Write the right answer, with the blank before it."""
        ...


@dataclass(frozen=True, kw_only=True)
class CompletionPrompt:
    """A text to be continued."""

    template: str
    """May name `{text}`, `{target}` and the question's fields."""
    target: str = " {target}"
    """What a right answer looks like, in few-shots and for bits per byte."""
    solved: str | None = None
    """A few-shot as a whole, where a dialect writes it otherwise than question and answer."""
    separator: str = SEPARATOR
    description: str = ""
    """What stands before the few-shots, once."""
    turns: bool = False
    """Whether a chat gets each few-shot as a turn of its own."""

    def context(self, question: Question, *, shots: Sequence[Question]) -> str:
        """Write description, few-shots with their answers, and the question."""
        return _joined(self, _written(self, question, shots))

    def question(self, question: Question) -> str:
        """Write the question alone."""
        return self.template.format_map(_fields(question))

    def gold(self, question: Question) -> str | None:
        """Write the right answer; None where the question has none."""
        return None if question.target is None else self.target.format_map(_fields(question))

    def shot(self, question: Question) -> tuple[str, str]:
        """Write a few-shot, question and answer."""
        if self.solved is not None:
            return self.solved.format_map(_fields(question)), ""
        return self.question(question), self.gold(question) or ""

    def request(self, question: Question, *, shots: Sequence[Question], sampling: Sampling) -> Request:
        """Ask for the continuation of the text."""
        parts = _written(self, question, shots)
        turns = _turns(parts) if self.turns else ()
        return Request(kind="generate", prompt=_joined(self, parts), messages=turns, sampling=sampling)


@dataclass(frozen=True, kw_only=True)
class ChoicePrompt:
    """A question with choices, answered by the text of a choice (cloze) or by its letter."""

    template: str
    """May name `{text}`, `{options}` and the question's fields."""
    listed: str = ""
    """The template of the form that lists the choices and asks for a letter, where it differs."""
    option: str = "{letter}. {choice}\n"
    """One line of `{options}`."""
    answer: Literal["choice", "letter"] = "choice"
    ask: Literal["likelihood", "text"] = "likelihood"
    """Whether each answer's likelihood is compared, or the model writes one."""
    unconditional: str | None = None
    """A context that says nothing of the question, for `uncond`; asked after all choices."""
    separator: str = SEPARATOR
    description: str = ""
    turns: bool = False

    def context(self, question: Question, *, shots: Sequence[Question]) -> str:
        """Write description, few-shots with their answers, and the question."""
        return _joined(self, _written(self, question, shots))

    def question(self, question: Question) -> str:
        """Write the question with its options."""
        fields = _fields(question)
        template = (self.listed or self.template) if self.answer == "letter" else self.template
        if "{options}" in template:
            fields["options"] = "".join(
                self.option.format(letter=letter, choice=choice)
                for letter, choice in zip(LETTERS, question.choices, strict=False)
            )
        return template.format_map(fields)

    def lettered(self) -> "ChoicePrompt":
        """Return the form that lists the choices and compares their letters."""
        return replace(self, answer="letter", ask="likelihood", unconditional=None)

    def continuation(self, question: Question, choice: int) -> str:
        """Write one answer, with the blank before it."""
        return f" {LETTERS[choice] if self.answer == 'letter' else question.choices[choice]}"

    def gold(self, question: Question) -> str | None:
        """Write the right answer; None where the question has none."""
        return None if question.answer is None else self.continuation(question, question.answer)

    def shot(self, question: Question) -> tuple[str, str]:
        """Write a few-shot, question and answer."""
        return self.question(question), self.gold(question) or ""

    def request(self, question: Question, *, shots: Sequence[Question], sampling: Sampling) -> Request:
        """Ask for the likelihood of each choice, or for the letter of one."""
        parts = _written(self, question, shots)
        context = _joined(self, parts)
        if self.ask == "text":
            turns = _turns(parts) if self.turns else ()
            return Request(kind="generate", prompt=context, messages=turns, sampling=sampling)
        answers = [self.continuation(question, choice) for choice in range(len(question.choices))]
        contexts = [context] if self.unconditional is None else [context, self.unconditional]
        pairs = tuple(Pair(context=before, continuation=answer) for before in contexts for answer in answers)
        return Request(kind="loglikelihood", pairs=pairs, sampling=sampling)


@dataclass(frozen=True, kw_only=True)
class SchemaPrompt:
    """Several contexts with one ending: which of them makes the ending likeliest (Winograd schemas).

    The question's choices fill the gap `_` of its text; what stands after the gap is the ending.
    """

    separator: str = SEPARATOR

    def context(self, question: Question, *, shots: Sequence[Question]) -> str:
        """Write the few-shots as whole sentences, and the question up to its gap, filled rightly."""
        return self._context(question, question.answer or 0, shots=shots)

    def gold(self, question: Question) -> str:
        """Write what stands after the gap, after one blank."""
        return f" {question.text.partition(GAP)[2].strip()}"

    def request(self, question: Question, *, shots: Sequence[Question], sampling: Sampling) -> Request:
        """Ask for the likelihood of the ending after each context."""
        ending = self.gold(question)
        contexts = [self._context(question, choice, shots=shots) for choice in range(len(question.choices))]
        pairs = tuple(Pair(context=context, continuation=ending) for context in contexts)
        return Request(kind="loglikelihood", pairs=pairs, sampling=sampling)

    def _context(self, question: Question, choice: int, *, shots: Sequence[Question]) -> str:
        solved = [_filled(shot, shot.answer or 0) + self.gold(shot) for shot in shots]
        return self.separator.join([*solved, _filled(question, choice)])


def _filled(question: Question, choice: int) -> str:
    return question.text.partition(GAP)[0] + question.choices[choice]


@dataclass(frozen=True, kw_only=True)
class GoldPrompt:
    """Ask only how likely the gold answer is after another prompt."""

    inner: TextPrompt

    def gold(self, question: Question) -> str | None:
        """Write the right answer; None where the question has none."""
        return self.inner.gold(question)

    def request(self, question: Question, *, shots: Sequence[Question], sampling: Sampling) -> Request:
        """Ask for the likelihood of the gold answer; raises BadSpec where there is none."""
        gold = self.gold(question)
        if not gold:
            raise BadSpec(
                f"The question {question.id!r} has no gold text.",
                remedy="Bits per byte cannot be measured on it.",
            )
        pair = Pair(context=self.inner.context(question, shots=shots), continuation=gold)
        return Request(kind="loglikelihood", pairs=(pair,), sampling=sampling)


@dataclass(frozen=True, kw_only=True)
class WholeText:
    """Ask how likely a text is from its first letter to its last, however long it is."""

    wording: Callable[[str], str] = str
    """What the model is given of the text, whose own words and bytes are counted."""

    def gold(self, question: Question) -> str | None:
        """Write the text whose words and bytes are counted."""
        return question.text

    def request(self, question: Question, *, shots: Sequence[Question], sampling: Sampling) -> Request:
        """Ask for the likelihood of the whole text, after nothing."""
        pair = Pair(context="", continuation=self.wording(question.text), rolling=True)
        return Request(kind="loglikelihood", pairs=(pair,), sampling=sampling)


def completion(template: str, *, target: str = " {target}", **settings: Any) -> CompletionPrompt:
    """Make a prompt that the model continues: `completion("Question: {text}\\nAnswer:")`."""
    return CompletionPrompt(template=template, target=target, **settings)


def cloze(template: str, *, unconditional: str | None = None, **settings: Any) -> ChoicePrompt:
    """Make a prompt whose choices are compared by the likelihood of their text."""
    return ChoicePrompt(template=template, unconditional=unconditional, **settings)


def mcq(template: str, *, option: str = "{letter}. {choice}\n", **settings: Any) -> ChoicePrompt:
    """Make a prompt that lists the choices and compares the likelihood of their letters."""
    return ChoicePrompt(template=template, option=option, answer="letter", **settings)


def both_forms(head: str, **settings: Any) -> ChoicePrompt:
    """Make a cloze prompt that ends in `Answer:`, before which its listed form puts the choices.

    A blank stands before each letter, as in OLMES: it is the token that is compared.
    """
    listed = head + "{options}Answer:"
    return ChoicePrompt(template=f"{head}Answer:", listed=listed, option=" {letter}. {choice}\n", **settings)


def written(prompt: ChoicePrompt) -> ChoicePrompt:
    """Let the model write the letter instead, for backends without likelihoods."""
    return replace(prompt, answer="letter", ask="text")


def _fields(question: Question) -> dict[str, JsonValue]:
    return {**question.fields, "text": question.text, "target": question.target}


class Written(NamedTuple):
    """A question with its few-shots as texts, not yet put together."""

    description: str
    shots: Sequence[tuple[str, str]]
    """Question and answer of each."""
    question: str


def _written(
    prompt: CompletionPrompt | ChoicePrompt, question: Question, shots: Sequence[Question]
) -> Written:
    described = prompt.description.format_map(_fields(question)) if prompt.description else ""
    solved = [prompt.shot(shot) for shot in shots]
    return Written(described, solved, prompt.question(question))


def _joined(prompt: CompletionPrompt | ChoicePrompt, parts: Written) -> str:
    texts = [asked + gold for asked, gold in parts.shots]
    return parts.description + prompt.separator.join([*texts, parts.question])


def _turns(parts: Written) -> tuple[Message, ...]:
    turns = []
    for asked, gold in parts.shots:
        turns.append(Message.user(asked))
        turns.append(Message(role="assistant", content=gold.strip()))
    turns.append(Message.user(parts.question))
    if parts.description:
        turns[0] = Message.user(parts.description + turns[0].content)
    return tuple(turns)
