"""vLLM's own batching of whole lists, behind lines of JSON: `engine.py FILE`.

FILE holds the arguments of `vllm.LLM`. A line of input is `{"id", "path", "body"}`, the request that would go
to a server; a line of output is `{"id", "status", "answer"}`, what it would answer. Everything that waits is
answered together. This file imports nothing of ours, because it runs where Assay is not installed.
"""

import inspect
import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

MOST = 2048
"""Requests answered together."""
CHOSEN = "logprob_token_ids"
"""Tokens whose log-probabilities after a prompt are asked; older releases know no such thing."""


class Refused(Exception):
    """Raise for a request that cannot be answered."""


class Offline:
    """Answer requests with a model in this process."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        from vllm import LLM, SamplingParams  # noqa: PLC0415 - only where vLLM is, and only in this process

        self._params = SamplingParams
        self._name = arguments.pop("served_model_name")
        self._adapter = arguments.pop("adapter", None)
        self._template = arguments.pop("chat_template", None)
        self._llm = LLM(**arguments)
        self._tokenizer = self._llm.get_tokenizer()
        self._longest = self._llm.llm_engine.model_config.max_model_len

    def answer_all(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Answer what waits; those that generate go to vLLM as one list."""
        answers: dict[int, dict[str, Any]] = {}
        asked: list[tuple[int, dict[str, Any], Any, Any]] = []
        for place, request in enumerate(requests):
            body, path = request.get("body") or {}, request["path"]
            try:
                if path.endswith("completions"):
                    params = self._sampling(body, chat="chat" in path)
                    asked += [(place, body, prompt, params) for prompt in self._prompts(body, "chat" in path)]
                    answers[place] = {"choices": []}
                else:
                    answers[place] = self._small(path, body)
            except (Refused, ValueError) as error:
                answers[place] = {"error": {"message": str(error)}}
        outputs = self._generate([prompt for _, _, prompt, _ in asked], [params for *_, params in asked])
        for (place, body, _, _), output in zip(asked, outputs, strict=True):
            _add(answers[place], output, body, chat="chat" in requests[place]["path"])
        statuses = [400 if "error" in answers[place] else 200 for place in range(len(requests))]
        return [
            {"id": request["id"], "status": status, "answer": answers[place]}
            for place, (request, status) in enumerate(zip(requests, statuses, strict=True))
        ]

    def _small(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/v1/models":
            return {"data": [{"id": self._name, "max_model_len": self._longest}]}
        if path == "/tokenize":
            special = bool(body.get("add_special_tokens", True))
            return {"tokens": self._tokenizer(body["prompt"], add_special_tokens=special)["input_ids"]}
        if path == "/detokenize":
            return {"prompt": self._tokenizer.decode(body["tokens"])}
        raise Refused(f"The offline mode has no {path}.")

    def _prompts(self, body: dict[str, Any], chat: bool) -> list[dict[str, Any]]:
        """Write prompts as token ids, refusing those that are too long before they would stop all others."""
        given: Any
        if chat:
            if body.get("tools"):
                raise Refused("The offline mode takes no tools.")
            text = self._tokenizer.apply_chat_template(
                body["messages"], tokenize=False, add_generation_prompt=True, chat_template=self._template
            )
            given, special = [text], False
        else:
            given, special = body["prompt"], bool(body.get("add_special_tokens", True))
            given = [given] if isinstance(given, str) else given
        found = []
        for one in given:
            ids = (
                self._tokenizer(one, add_special_tokens=special)["input_ids"] if isinstance(one, str) else one
            )
            if len(ids) >= self._longest:
                raise Refused(
                    f"This model's maximum context length is {self._longest} tokens, not {len(ids)}."
                )
            found.append({"prompt_token_ids": ids})
        return found

    def _sampling(self, body: dict[str, Any], chat: bool) -> Any:
        names = ("temperature", "top_p", "stop", "seed", "max_tokens", "prompt_logprobs")
        given = {name: body[name] for name in names if body.get(name) is not None}
        if body.get("echo"):
            given["prompt_logprobs"] = body.get("logprobs", 1)
        elif body.get(CHOSEN) and CHOSEN in inspect.signature(self._params).parameters:
            given[CHOSEN] = body[CHOSEN]
        if body.get("logit_bias"):
            given["logit_bias"] = {int(token): bias for token, bias in body["logit_bias"].items()}
        return self._params(**given)

    def _generate(self, prompts: list[Any], params: list[Any]) -> list[Any]:
        if not prompts:
            return []
        more = {}
        if self._adapter:
            from vllm.lora.request import LoRARequest  # noqa: PLC0415 - see above

            more["lora_request"] = LoRARequest(self._name, 1, self._adapter)
        return list(self._llm.generate(prompts, params, use_tqdm=False, **more))


def _add(answer: dict[str, Any], output: Any, body: dict[str, Any], *, chat: bool) -> None:
    """Append a choice as vLLM's server words it."""
    drawn = output.outputs[0]
    choice: dict[str, Any] = {"index": len(answer["choices"]), "finish_reason": drawn.finish_reason}
    if body.get("return_token_ids"):
        choice["prompt_token_ids"] = list(output.prompt_token_ids)
    if chat:
        choice["message"] = {"role": "assistant", "content": drawn.text}
    else:
        choice["text"] = drawn.text
    entries = output.prompt_logprobs
    if entries is not None:
        told = [None if one is None else {str(k): _told(v) for k, v in one.items()} for one in entries]
        if body.get("echo"):
            choice["logprobs"] = _echoed(told, output.prompt_token_ids)
        else:
            choice["prompt_logprobs"] = told
    elif drawn.logprobs:
        choice["logprobs"] = _chosen(drawn)
    answer["choices"].append(choice)
    usage = answer.setdefault("usage", {"prompt_tokens": 0, "completion_tokens": 0})
    usage["prompt_tokens"] += len(output.prompt_token_ids)
    usage["completion_tokens"] += len(drawn.token_ids)


def _chosen(drawn: Any) -> dict[str, Any]:
    """Write the first token that was drawn, and the chosen ones at its place, by their numbers."""
    tops = {f"token_id:{token}": value.logprob for token, value in drawn.logprobs[0].items()}
    return {"tokens": [f"token_id:{drawn.token_ids[0]}"], "top_logprobs": [tops]}


def _told(value: Any) -> dict[str, Any]:
    return {"logprob": value.logprob, "rank": value.rank, "decoded_token": value.decoded_token}


def _echoed(told: list[Any], ids: list[int]) -> dict[str, Any]:
    own = [None if one is None else one[str(ids[place])] for place, one in enumerate(told)]
    return {
        "tokens": ["" if one is None else one["decoded_token"] or "" for one in own],
        "token_logprobs": [None if one is None else one["logprob"] for one in own],
        "top_logprobs": [one and {k: v["logprob"] for k, v in one.items()} for one in told],
    }


def _read(lines: TextIO, waiting: "queue.Queue[dict[str, Any] | None]") -> None:
    for line in lines:
        waiting.put(json.loads(line))
    waiting.put(None)


def main(file: Path) -> None:
    """Answer until the input ends."""
    # vLLM and what it loads print to standard output, which is for the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    offline = Offline(json.loads(file.read_text()))
    print(json.dumps({"ready": True}), file=answers, flush=True)
    waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin, waiting), daemon=True).start()
    while (first := waiting.get()) is not None:
        some = [first]
        while len(some) < MOST and not waiting.empty():
            following = waiting.get()
            if following is None:
                return
            some.append(following)
        for answer in offline.answer_all(some):
            print(json.dumps(answer), file=answers)
        answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
