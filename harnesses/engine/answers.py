"""What a completion says once its thought is kept apart, the same for every provider and stored text."""

from assay.records import Completion
from tasks_lib.extract.markup import until_end_token
from tasks_lib.extract.thoughts import parted


def answered(completion: Completion) -> Completion:
    """Move the thought out of the text, and drop what follows a token that ends the turn.

    A thought that never closes, or whose answer did not fit into the tokens allowed, is `unclosed_thought`.
    """
    parts = parted(completion.text)
    text = until_end_token(parts.answer)
    thought = "\n\n".join(filter(None, (completion.reasoning, parts.thought))) or None
    spent = thought is not None and completion.finish_reason == "length" and not text.strip()
    unclosed = (spent or not parts.closed) and not completion.tool_calls
    if text == completion.text and not unclosed:
        return completion
    changes: dict[str, object] = {"text": text, "reasoning": thought}
    if unclosed:
        changes["finish_reason"] = "unclosed_thought"
    return completion.model_copy(update=changes)
