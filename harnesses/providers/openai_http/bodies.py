"""What is sent for a call, and what its answer says."""

import math
from typing import Any, cast, get_args

from assay.errors import ProviderUnavailable, RequestRefused
from assay.records import Call, Completion, FinishReason, Message, Sampling, ToolCall
from harnesses.providers.openai_http.settings import Api

REASONS = frozenset(get_args(FinishReason))
SPELLED = {
    **dict.fromkeys(("max_tokens", "max_length", "max_output_tokens", "model_length"), "length"),
    **dict.fromkeys(("eos", "eos_token", "end_turn", "stop_sequence"), "stop"),
    **dict.fromkeys(("tool_use", "function_call"), "tool_calls"),
}
"""How other servers spell OpenAI's reasons."""
WITHHELD = frozenset({"content_filter", "safety"})
THOUGHTS = frozenset({"thinking", "reasoning"})
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
    """Read an answer; raises ProviderError where it is not one, or was withheld."""
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        raise ProviderUnavailable("The endpoint sent an answer without choices.")
    reason = _finish(choice)
    message = {"content": choice.get("text")} if api == "completions" else choice.get("message")
    if not isinstance(message, dict):
        raise ProviderUnavailable("The endpoint sent a choice without a message.")
    usage = answer.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    text, thought = _parts(message.get("content"))
    reasoning = message.get("reasoning_content") or message.get("reasoning") or thought
    try:
        calls = tuple(_tool_call(given) for given in message.get("tool_calls") or ())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProviderUnavailable("The endpoint sent a tool call without name or id.") from error
    # A refusal in words, or a thought that took all tokens, is an answer; null alone is none.
    substitute = reasoning or calls or message.get("refusal") or reason == "length"
    if text is None and not substitute:
        raise ProviderUnavailable("The endpoint sent an answer without content.")
    return Completion(
        text=text or "",
        reasoning=reasoning if isinstance(reasoning, str) and reasoning else None,
        finish_reason=reason,
        tool_calls=calls,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
    )


def _parts(content: object) -> tuple[str | None, str | None]:
    """Join the texts of a content that is a text or a list of parts, apart from its thoughts."""
    if content is None or isinstance(content, str):
        return content, None
    if not isinstance(content, list):
        raise ProviderUnavailable("The endpoint sent a content that is neither a text nor a list of parts.")
    texts: list[str] = []
    thoughts: list[str] = []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            (thoughts if part.get("type") in THOUGHTS else texts).append(part["text"])
        elif isinstance(part, dict) and isinstance(part.get("thinking"), str):
            thoughts.append(part["thinking"])
    return ("".join(texts) if texts else None), "".join(thoughts) or None


def _count(tokens: object) -> int | None:
    return int(tokens) if isinstance(tokens, int | float) and 0 <= tokens < math.inf else None


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
    """Read why an answer ended, in the words of several servers; raises ProviderError where it failed."""
    given = choice.get("finish_reason")
    reason = given.lower() if isinstance(given, str) else ""
    if reason == "error" or choice.get("error"):
        raise ProviderUnavailable("The endpoint broke off the answer with an error.")
    if reason in WITHHELD:
        raise RequestRefused("The endpoint's content filter withheld the answer.")
    reason = SPELLED.get(reason, reason)
    return cast("FinishReason", reason) if reason in REASONS else "unknown"
