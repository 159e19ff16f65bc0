"""Settings of OpenAI-compatible endpoints, and the guesses made where they are not given."""

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from harnesses.providers.settings import Settings

Api = Literal["chat", "completions"]
Route = Literal["auto", "echo", "prompt_logprobs"]
HOSTED = "api.openai.com"
CHATTY = re.compile(r"(?i)(instruct|chat|assistant|gpt|claude|gemini|-it$|\bit\b)")


class OpenAISettings(Settings):
    """What `-M` takes for `openai:MODEL`."""

    base_url: str | None = None
    """Of the endpoint, usually ending in /v1; else OPENAI_BASE_URL, else OpenAI's own."""
    api_key: SecretStr | None = None
    """Better given as OPENAI_API_KEY, which stays out of the shell's history."""
    api: Api | None = None
    """`chat` or `completions`; else guessed from the model's name."""
    revision: str | None = None
    """Says which weights the endpoint serves, so that answers may be shared between commands."""
    logprobs: Route = "auto"
    """How log-likelihoods are asked for."""
    add_bos: bool | None = None
    """Whether scored texts begin with the tokenizer's BOS; else as the tokenizer does."""
    prefix: str = ""
    """Text of the token that stands for an empty context where there is no BOS, such as <|endoftext|>."""
    batch: int = 8
    """How many continuations are scored in one request."""
    max_length: int | None = None
    """Tokens of prompt and answer together; else what the endpoint says."""


def guess_api(model: str, *, base_url: str) -> Api:
    """Choose chat for names of chat models and for OpenAI itself, else completions."""
    hosted = urlsplit(base_url).hostname == HOSTED
    return "chat" if hosted or CHATTY.search(model) else "completions"
