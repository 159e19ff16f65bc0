"""Score pairs with transformers alone, token by token: `python reference.py MODEL DTYPE LENGTH < pairs.json`.

Runs under the interpreter that has torch and transformers, and shares no code with what it checks. Reads a
list of [context, continuation, whether a BOS stands before] for a pair and of [text, tokens that go into the
model] for a whole text, writes a list of [sum, tokens, greedy].
"""

import json
import sys
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def score(model: Any, tokenizer: Any, pair: tuple[str, str, bool], *, length: int) -> tuple[float, int, bool]:
    """Sum the log-probabilities of a continuation, one forward pass for each of its tokens."""
    context, continuation, bos = pair
    moved = context[len(context.rstrip()) :] + continuation
    context = context.rstrip()
    before = tokenizer(context, add_special_tokens=False)["input_ids"] if context else []
    whole = tokenizer(context + moved, add_special_tokens=False)["input_ids"]
    assert whole[: len(before)] == before, "a token lies across the end of the context"
    first = [tokenizer.bos_token_id] if bos or not context else []
    if whole[:1] == first:
        first = []
        before = before or whole[:1]
    start = len(first) + len(before)
    ids = first + whole
    count = len(ids) - start
    ids = ids[-(length - 1) :]
    total, greedy = 0.0, True
    with torch.no_grad():
        for place in range(len(ids) - count, len(ids)):
            logits = model(torch.tensor([ids[:place]])).logits[0, -1].float()
            total += float(torch.log_softmax(logits, -1)[ids[place]])
            greedy = greedy and int(logits.argmax()) == ids[place]
    return total, count, greedy


def score_whole(model: Any, tokenizer: Any, text: str, *, inputs: int) -> tuple[float, int, bool]:
    """Sum the log-probabilities of a text after BOS, `inputs` tokens at a time, the last time as many."""
    ids = [tokenizer.bos_token_id, *tokenizer(text, add_special_tokens=False)["input_ids"]]
    total, greedy, last = 0.0, True, len(ids) - 1
    with torch.no_grad():
        for first in range(0, last, inputs):
            # Tokens first + 1 to end are told by the ones before them; the last block looks back further.
            end = min(first + inputs, last)
            begin = first if end < last else max(0, last - inputs)
            logs = torch.log_softmax(model(torch.tensor([ids[begin:end]])).logits[0].double(), -1)
            for place in range(first + 1, end + 1):
                row = logs[place - 1 - begin]
                total += float(row[ids[place]])
                greedy = greedy and int(row.argmax()) == ids[place]
    return total, last, greedy


def main(folder: str, dtype: str, length: int) -> None:
    """Answer on standard output."""
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    found = [
        score(model, tokenizer, asked, length=length)
        if len(asked) == 3
        else score_whole(model, tokenizer, asked[0], inputs=asked[1])
        for asked in json.load(sys.stdin)
    ]
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
