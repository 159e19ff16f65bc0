"""Let the model call tools in a sandbox until it submits an answer or runs out of turns."""

from dataclasses import dataclass, field
from time import monotonic

from assay.errors import ProviderError, SandboxUnavailable
from assay.records import (
    Call,
    Completion,
    Failure,
    FinishReason,
    Message,
    Question,
    Request,
    Sample,
    ToolCall,
)
from harnesses.engine.engine import Engine
from harnesses.harness import Harness
from harnesses.tools.catalog import TOOLS
from harnesses.tools.tool import Tool, ToolResult, find_tools, read_argument
from sandbox.protocol import Limits, Sandbox

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class Conversation:
    """What was said so far and what it cost."""

    messages: list[Message]
    output: str = ""
    ended: str = "max_turns"
    finish_reason: FinishReason | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: bool = True
    started: float = field(default_factory=monotonic)

    def add(self, reply: Completion, *, cached: bool) -> None:
        """Append the model's turn."""
        self.messages.append(
            Message(
                role="assistant", content=reply.text, reasoning=reply.reasoning, tool_calls=reply.tool_calls
            )
        )
        self.finish_reason = reply.finish_reason
        self.prompt_tokens += reply.prompt_tokens or 0
        self.completion_tokens += reply.completion_tokens or 0
        self.cached &= cached

    def sample(self, question: Question, *, index: int, failure: Failure | None = None) -> Sample:
        """Write down how it went."""
        return Sample(
            question_id=question.id,
            index=index,
            output=self.output,
            finish_reason=self.finish_reason,
            messages=tuple(self.messages),
            ended=None if failure else self.ended,
            failure=failure,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            seconds=monotonic() - self.started,
            cached=self.cached,
        )


def ask(question: Question, request: Request) -> str:
    """Word the request for an agent: a choice by likelihood becomes a choice by letter."""
    if request.kind == "generate":
        return request.prompt
    lettered = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, question.choices, strict=False))
    return f"{question.text}\n\n{lettered}\n\nAnswer with the letter of the right choice."


def opening(question: Question, request: Request, *, harness: Harness) -> list[Message]:
    """Write the first turns: the system prompt, then the task."""
    system = [Message.system(harness.system_prompt)] if harness.system_prompt else []
    turns = list(request.messages) if request.kind == "generate" else []
    return [*system, *(turns or [Message.user(ask(question, request))])]


async def solve(
    question: Question,
    request: Request,
    *,
    index: int,
    harness: Harness,
    engine: Engine,
    sandbox: Sandbox | None,
) -> Sample:
    """Hold one conversation; what fails below is recorded as a failure, never as an answer."""
    talk = Conversation(opening(question, request, harness=harness))
    try:
        await _converse(talk, question, request, index=index, harness=harness, engine=engine, sandbox=sandbox)
    except ProviderError as error:
        return talk.sample(question, index=index, failure=Failure(kind=error.kind, message=str(error)))
    except SandboxUnavailable as error:
        return talk.sample(question, index=index, failure=Failure(kind="sandbox", message=str(error)))
    return talk.sample(question, index=index)


async def _converse(
    talk: Conversation,
    question: Question,
    request: Request,
    *,
    index: int,
    harness: Harness,
    engine: Engine,
    sandbox: Sandbox | None,
) -> None:
    tools = find_tools(harness.tools, TOOLS)
    call = Call(
        sampling=harness.sampling.apply(request.sampling),
        tools=tuple(tool.spec for tool in tools.values()),
        sample=index,
        question_id=question.id,
        row=question.row,
    )
    for _ in range(harness.max_turns):
        answer = await engine.complete(call.model_copy(update={"messages": tuple(talk.messages)}))
        if answer.completion is None:
            talk.ended = "missing"
            return
        talk.add(answer.completion, cached=answer.cached)
        talk.output = answer.completion.text
        if not answer.completion.tool_calls:
            talk.ended = "answered"
            return
        for wanted in answer.completion.tool_calls:
            result = await _use(wanted, tools=tools, seconds=harness.tool_seconds, sandbox=sandbox)
            talk.messages.append(Message(role="tool", content=result.text, tool_call_id=wanted.id))
            if result.submitted is not None:
                talk.output, talk.ended = result.submitted, "submitted"
                return


async def _use(
    wanted: ToolCall, *, tools: dict[str, Tool], seconds: float, sandbox: Sandbox | None
) -> ToolResult:
    tool = tools.get(wanted.name)
    if tool is None:
        return ToolResult(f"There is no tool {wanted.name!r}; there are {', '.join(tools)}.")
    argument = read_argument(wanted, tool.spec)
    if argument is None:
        return ToolResult(f"{wanted.name} takes one string, as JSON: {tool.spec.parameters['properties']}.")
    return await tool.call(argument, sandbox=sandbox, limits=Limits(seconds=seconds))
