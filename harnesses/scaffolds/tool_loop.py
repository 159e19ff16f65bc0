"""Let the model call tools until it submits an answer, stops calling them, or runs out of turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import orjson
from pydantic import JsonValue

from assay.errors import AssayError, ExtensionFailed, ProviderError, SandboxUnavailable
from assay.extensions import described
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
from harnesses.harness import Harness
from harnesses.providers.protocol import Ability
from harnesses.scaffolds.protocol import Model, SampleRequest
from harnesses.tools.catalog import load_tools
from harnesses.tools.tool import BadArguments, ToolContext, ToolResult
from sandbox.protocol import Limits, Sandbox

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class Conversation:
    """The turns so far and what they cost."""

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
        self.output = reply.text
        self.finish_reason = reply.finish_reason
        self.prompt_tokens += reply.prompt_tokens or 0
        self.completion_tokens += reply.completion_tokens or 0
        self.cached &= cached

    def sample(self, item: SampleRequest, *, failure: Failure | None = None) -> Sample:
        """The sample of this conversation, or of the failure that broke it off."""
        return Sample(
            question_id=item.question.id,
            index=item.index,
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


class ToolLoop:
    """Answer the model's tool calls turn by turn."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._tools = load_tools(harness.tools)

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities that the tools need of a sandbox."""
        return frozenset().union(*(tool.needs for tool in self._tools.values()))

    def abilities(self, request: Request) -> Sequence[Ability]:
        """Text with tool calls, whatever the task asks: a choice by likelihood becomes a choice by letter."""
        return ["generate", "tools"]

    async def solve(self, item: SampleRequest, *, model: Model, sandbox: Sandbox | None) -> Sample:
        """Hold one conversation; what fails below it is recorded as a failure, never as an answer."""
        conversation = Conversation(opening(item.question, item.request, system=self._harness.system_prompt))
        try:
            await self._converse(conversation, item, model=model, sandbox=sandbox)
        except ProviderError as error:
            return conversation.sample(item, failure=Failure(kind=error.kind, message=str(error)))
        except SandboxUnavailable as error:
            return conversation.sample(item, failure=Failure(kind="sandbox", message=str(error)))
        except ExtensionFailed as error:
            return conversation.sample(item, failure=Failure(kind="tool", message=str(error)))
        return conversation.sample(item)

    async def _converse(
        self, conversation: Conversation, item: SampleRequest, *, model: Model, sandbox: Sandbox | None
    ) -> None:
        context = ToolContext(sandbox=sandbox, limits=Limits(seconds=self._harness.tool_seconds))
        call = Call(
            sampling=self._harness.sampling.apply(item.request.sampling),
            tools=tuple(tool.spec for tool in self._tools.values()),
            sample=item.index,
            question_id=item.question.id,
            row=item.question.row,
        )
        for _ in range(self._harness.max_turns):
            turns = tuple(conversation.messages)
            answer = await model.complete(call.model_copy(update={"messages": turns}))
            if answer.completion is None:
                conversation.ended = "missing"
                return
            conversation.add(answer.completion, cached=answer.cached)
            if not answer.completion.tool_calls:
                conversation.ended = "answered"
                return
            for tool_call in answer.completion.tool_calls:
                result = await self._use(tool_call, context=context, question_id=item.question.id)
                reply = Message(role="tool", content=result.text, tool_call_id=tool_call.id)
                conversation.messages.append(reply)
                if result.submitted is not None:
                    conversation.output, conversation.ended = result.submitted, "submitted"
                    return

    async def _use(self, call: ToolCall, *, context: ToolContext, question_id: str) -> ToolResult:
        """Run one tool call; the model reads what was wrong with it. Raises ExtensionFailed."""
        tool = self._tools.get(call.name)
        if tool is None:
            return ToolResult(f"There is no tool {call.name!r}; there are {', '.join(self._tools)}.")
        try:
            return await tool.call(read_arguments(call), context=context)
        except BadArguments as error:
            return ToolResult(str(error))
        except AssayError:
            raise
        except Exception as error:
            raise ExtensionFailed(
                f"The tool {call.name!r} raised {described(error)} on question {question_id!r}."
            ) from error


def opening(question: Question, request: Request, *, system: str | None) -> list[Message]:
    """The first turns: the system prompt, then the task."""
    turns = list(request.messages) if request.kind == "generate" else []
    first = [Message.system(system)] if system else []
    return [*first, *(turns or [Message.user(wording(question, request))])]


def wording(question: Question, request: Request) -> str:
    """Word a request for an agent: a choice by likelihood becomes a choice by letter."""
    if request.kind == "generate":
        return request.prompt
    options = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, question.choices, strict=False))
    return f"{question.text}\n\n{options}\n\nAnswer with the letter of the right choice."


def read_arguments(call: ToolCall) -> Mapping[str, JsonValue]:
    """Parse the arguments of a call; raises BadArguments where they are no JSON object."""
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError as error:
        raise BadArguments(f"The arguments of {call.name} are not JSON: {error}.") from error
    if not isinstance(arguments, Mapping):
        raise BadArguments(f"The arguments of {call.name} are not a JSON object.")
    return arguments
