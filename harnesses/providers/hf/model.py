"""Generation and log-likelihoods by transformers, in batches; blocks, and belongs in a thread."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.cache_utils import DynamicCache

from assay.errors import RequestRefused
from assay.records import Call, Completion, FinishReason, LogLikelihood, Message, Pair
from harnesses.providers.hf.settings import HfSettings
from harnesses.providers.pairs import Window, begun, boundary, joined, whole_text, windows
from harnesses.providers.rows import Row, batches, rows

UNKNOWN_LENGTH = 1 << 20
"""Some tokenizers and models say that they take any length."""
LOGITS = 1 << 28
"""Numbers that one forward pass may give, a gigabyte of them; a long window has many."""


class Model:
    """A tokenizer with its weights."""

    def __init__(self, folder: Path, *, settings: HfSettings) -> None:
        trust = settings.trust_remote_code
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=trust)
        dtype = settings.dtype if settings.dtype == "auto" else getattr(torch, settings.dtype)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, trust_remote_code=trust)
        self._model: Any = model.to(settings.device).eval()
        self._keeps_some = "logits_to_keep" in inspect.signature(self._model.forward).parameters
        self._device = settings.device
        self._batch = settings.batch
        made_for = getattr(self._model.config, "max_position_embeddings", None) or UNKNOWN_LENGTH
        self.max_length = settings.max_length or made_for
        self._opening = self._begin(settings.add_bos)
        ends = self._model.generation_config.eos_token_id
        self._ends = set(ends if isinstance(ends, list) else [ends]) | {self._tokenizer.eos_token_id}
        self._ends.discard(None)

    def score(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Sum the log-probabilities of continuations; raises RequestRefused."""
        cut = [self._windows(whole_text(p)) if p.rolling else [self._cut(boundary(p))] for p in pairs]
        found: dict[int, LogLikelihood] = {}
        wanted = rows([window for some in cut for window in some])
        with torch.inference_mode():
            for batch in batches(wanted, size=self._batch, most=LOGITS // len(self._tokenizer)):
                found |= self._score(batch)
        parts = iter(sorted(found.items()))
        return [joined([next(parts)[1] for _ in some]) for some in cut]

    def generate(self, calls: Sequence[Call], *, chat: bool) -> list[Completion | RequestRefused]:
        """Continue texts, each by its own sampling; one that cannot be is an error in its place."""
        answers: dict[int, Completion | RequestRefused] = {}
        prompts: dict[int, list[int]] = {}
        for place, call in enumerate(calls):
            try:
                prompts[place] = self._prompt(call, chat=chat)
            except RequestRefused as error:
                answers[place] = error
        with torch.inference_mode():
            drawn = self._continue([(calls[place], ids) for place, ids in prompts.items()])
        answers |= zip(prompts, drawn, strict=True)
        return [answers[place] for place in range(len(calls))]

    def _begin(self, bos: bool | None) -> list[int]:
        """Find what stands before a text: the tokenizer's BOS where it puts one, or where it is asked for."""
        bare, whole = self._encode("x"), self._tokenizer("x")["input_ids"]
        put: list[int] = next((whole[:i] for i in range(len(whole)) if whole[i : i + len(bare)] == bare), [])
        own = self._tokenizer.bos_token_id
        if bos is None:
            return put
        return (put or ([] if own is None else [own])) if bos else []

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _windows(self, text: str) -> list[Window]:
        """Cut a whole text; the token that comes out last takes no place in the model."""
        opening = self._opening or self._stand_in()
        return windows(begun(self._encode(text), opening), given=len(opening), room=self.max_length + 1)

    def _cut(self, pair: Pair) -> Window:
        """Tokenise together; a prompt that is too long loses tokens on the left, none of its continuation."""
        before = self._encode(pair.context) if pair.context else []
        whole = self._encode(pair.context + pair.continuation)
        if whole[: len(before)] != before or len(whole) == len(before):
            raise RequestRefused(
                f"The tokens of {pair.continuation[:40]!r} merge with those of its context.",
                remedy="Change the prompt so that the answer begins with a blank.",
            )
        count = len(whole) - len(before)
        opening = self._opening or ([] if pair.context else self._stand_in())
        if whole[: len(opening)] != opening:
            whole = [*opening, *whole]
        elif not pair.context:
            count -= len(opening)
        room = self.max_length - 1
        if not 0 < count < min(len(whole), room):
            raise RequestRefused(
                f"{pair.continuation[:40]!r} is {count} tokens after {len(whole) - count}.",
                remedy="Give the question a context and a continuation that fit the model.",
            )
        return Window(whole[-room:], count)

    def _stand_in(self) -> list[int]:
        """Take BOS, else EOS, for an empty context."""
        known = (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id)
        return next(([token] for token in known if token is not None), [])

    def _score(self, batch: Sequence[Row]) -> dict[int, LogLikelihood]:
        """Run the model once, and read what each window needs."""
        width = max(len(row.asked) for row in batch)
        ids = torch.zeros(len(batch), width, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(batch):
            ids[number, : len(row.asked)] = torch.tensor(row.asked)
            mask[number, : len(row.asked)] = 1
        places = sorted(set().union(*(row.places for row in batch)))
        logits = self._logits(ids, mask, places)
        found = {}
        for number, row in enumerate(batch):
            first = places.index(row.places[0])
            here = logits[number, first : first + len(row.places)].float()
            logs, best = torch.log_softmax(here, -1), here.argmax(-1)
            for which, window in row.scored:
                own = window.own
                wanted = torch.tensor(window.ids[-own:], device=here.device)
                values = logs[-own:].gather(1, wanted[:, None])
                found[which] = LogLikelihood(
                    logprob=float(values.double().sum()),
                    tokens=own,
                    greedy=bool((best[-own:] == wanted).all()),
                )
        return found

    def _logits(self, ids: torch.Tensor, mask: torch.Tensor, places: Sequence[int]) -> torch.Tensor:
        """Ask for the logits at some places; most models need not compute the others."""
        given = {"input_ids": ids.to(self._device), "attention_mask": mask.to(self._device)}
        kept = torch.tensor(places, device=self._device)
        if self._keeps_some:
            found: torch.Tensor = self._model(**given, logits_to_keep=kept).logits
        else:
            found = self._model(**given).logits[:, kept]
        return found

    def _prompt(self, call: Call, *, chat: bool) -> list[int]:
        """Write and tokenise what is asked; a template writes the BOS itself."""
        if call.sampling.logit_bias:
            raise RequestRefused("transformers is asked without logit_bias.", remedy="Leave it out.")
        turns = call.messages or (Message.user(call.prompt),)
        if chat:
            told = [{"role": turn.role, "content": turn.content} for turn in turns]
            text = self._tokenizer.apply_chat_template(told, tokenize=False, add_generation_prompt=True)
            ids = self._encode(text)
        else:
            ids = self._encode(call.prompt or "\n".join(turn.content for turn in turns))
        if not chat and ids[: len(self._opening)] != self._opening:
            ids = [*self._opening, *ids]
        ids = ids or self._stand_in()
        if len(ids) >= self.max_length:
            raise RequestRefused(
                f"The prompt has {len(ids)} tokens and the model takes {self.max_length}.",
                remedy="Use fewer shots.",
            )
        return ids

    def _continue(self, asked: Sequence[tuple[Call, list[int]]]) -> list[Completion]:
        """Draw one token for all at a time, until each has ended."""
        if not asked:
            return []
        width = max(len(ids) for _, ids in asked)
        step = torch.zeros(len(asked), width, dtype=torch.long)
        mask = torch.zeros_like(step)
        for row, (_, ids) in enumerate(asked):
            step[row, width - len(ids) :] = torch.tensor(ids)
            mask[row, width - len(ids) :] = 1
        drawing = [_Drawing(self, call, ids) for call, ids in asked]
        past = DynamicCache(config=self._model.config)
        while True:
            places = (mask.cumsum(1) - 1).clamp(min=0)[:, -step.shape[1] :]
            logits = self._model(
                input_ids=step.to(self._device), attention_mask=mask.to(self._device),
                position_ids=places.to(self._device), past_key_values=past, use_cache=True,
            ).logits[:, -1].float().cpu()  # fmt: skip
            for row, one in enumerate(drawing):
                if one.finish is None:
                    one.take(logits[row])
            if all(one.finish is not None for one in drawing):
                return [one.completion() for one in drawing]
            step = torch.tensor([[one.ids[-1]] for one in drawing])
            mask = torch.cat([mask, torch.ones(len(drawing), 1, dtype=mask.dtype)], 1)

    def decode(self, ids: Sequence[int]) -> str:
        """Write tokens as text, without special ones."""
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def ends(self, token: int) -> bool:
        """Say whether a token ends a text."""
        return token in self._ends


class _Drawing:
    """One answer in the making; draws of its own, so that no neighbour changes them."""

    def __init__(self, model: Model, call: Call, prompt: Sequence[int]) -> None:
        self._model = model
        self._sampling = call.sampling
        self._prompt = len(prompt)
        self._most = min(call.sampling.max_tokens, model.max_length - len(prompt))
        self._chance = torch.Generator()
        if call.sampling.seed is None:
            self._chance.seed()
        else:
            self._chance.manual_seed(call.sampling.seed + call.sample)
        self.ids: list[int] = []
        self.finish: FinishReason | None = None
        self._text = ""

    def take(self, logits: torch.Tensor) -> None:
        """Draw the next token, and see whether the answer has ended."""
        token = self._draw(logits)
        self.ids.append(token)
        if self._model.ends(token):
            self.finish = "stop"
            return
        self._text = self._model.decode(self.ids)
        cuts = [self._text.find(stop) for stop in self._sampling.stop if stop]
        if found := [cut for cut in cuts if cut >= 0]:
            self._text = self._text[: min(found)]
            self.finish = "stop"
        elif len(self.ids) >= self._most:
            self.finish = "length"

    def completion(self) -> Completion:
        """Return what was drawn."""
        return Completion(
            text=self._text,
            finish_reason=self.finish or "unknown",
            prompt_tokens=self._prompt,
            completion_tokens=len(self.ids),
        )

    def _draw(self, logits: torch.Tensor) -> int:
        if self._sampling.temperature == 0:
            return int(logits.argmax())
        shares = torch.softmax(logits / self._sampling.temperature, -1)
        if self._sampling.top_p is not None:
            ordered, places = shares.sort(descending=True)
            # The first token whose predecessors reach the share is out; the likeliest always stays.
            out = ordered.cumsum(0) - ordered >= self._sampling.top_p
            shares[places[out]] = 0.0
        return int(torch.multinomial(shares, 1, generator=self._chance))
