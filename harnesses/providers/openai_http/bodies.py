"""What is sent for a call, and what its answer says."""

from typing import Any, cast, get_args

from assay.errors import ProviderUnavailable
from assay.records import Call, Completion, FinishReason, Message, Sampling, ToolCall
from harnesses.providers.openai_http.settings import Api

REASONS = frozenset(get_args(FinishReason))
PATHS: dict[Api, str] = {"chat": "/chat/completions", "completions": "/completions"}


def body(call: Call, *, model: str, api: Api) -> dict[str, Any]:
    """Write the JSON of a request."""
    content: dict[str, Any] = {"model": model, **sampling_fields(call.sampling, sample=call.sample)}
    if api == "chat":
        content["messages"] = [_turn(turn) for turn in call.messages or (Message.user(call.prompt),)]
        if call.tools:
            content["tools"] = [{"type": "function", "function": tool.model_dump()} for tool in call.tools]
    else:
        content["prompt"] = call.prompt
    return content


def sampling_fields(sampling: Sampling, *, sample: int) -> dict[str, Any]:
    """Write the sampling; each sample of a question gets a seed of its own."""
    fields: dict[str, Any] = {"max_tokens": sampling.max_tokens, "temperature": sampling.temperature}
    if sampling.top_p is not None:
        fields["top_p"] = sampling.top_p
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    if sampling.logit_bias:
        fields["logit_bias"] = sampling.logit_bias
    if sampling.seed is not None or sample:
        fields["seed"] = (sampling.seed or 0) + sample
    return fields


def completion(answer: dict[str, Any], *, api: Api) -> Completion:
    """Read an answer; raises ProviderUnavailable where it is not one."""
    try:
        choice = answer["choices"][0]
        usage = answer.get("usage") or {}
        if api == "completions":
            return Completion(
                text=choice["text"],
                finish_reason=_finish(choice),
                prompt_tokens=usage.get("prompt_tokens"),
                completion_tokens=usage.get("completion_tokens"),
            )
        message = choice["message"]
        return Completion(
            text=message.get("content") or "",
            reasoning=message.get("reasoning_content") or message.get("reasoning"),
            finish_reason=_finish(choice),
            tool_calls=tuple(_tool_call(one) for one in message.get("tool_calls") or ()),
            prompt_tokens=usage.get("prompt_tokens"),
            completion_tokens=usage.get("completion_tokens"),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ProviderUnavailable(
            f"The answer lacks what the API promises ({type(error).__name__}: {error})."
        ) from error


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        turn["tool_calls"] = [
            {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.arguments}}
            for one in message.tool_calls
        ]
    if message.tool_call_id is not None:
        turn["tool_call_id"] = message.tool_call_id
    return turn


def _tool_call(given: dict[str, Any]) -> ToolCall:
    function = given["function"]
    return ToolCall(id=given["id"], name=function["name"], arguments=function.get("arguments") or "")


def _finish(choice: dict[str, Any]) -> FinishReason:
    reason = choice.get("finish_reason")
    return cast("FinishReason", reason) if reason in REASONS else "unknown"
