"""What `-M` takes for `hf:PATH`."""

from typing import Literal

from pydantic import Field

from harnesses.providers.openai_http.settings import Api
from harnesses.providers.settings import Settings


class HfSettings(Settings):
    """What `-M` takes for `hf:PATH`."""

    revision: str | None = None
    """Of a model of the Hub."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "float32"
    """`auto` is that of the checkpoint."""
    device: str = "cpu"
    batch: int = Field(default=16, gt=0)
    """Requests answered together."""
    max_length: int | None = Field(default=None, gt=1)
    """Tokens of prompt and answer together; else what the model was made for."""
    api: Api | None = None
    """`chat` or `completions`; else guessed from the name and whether there is a chat template."""
    add_bos: bool | None = None
    """Whether texts begin with the tokenizer's BOS; else as the tokenizer does."""
    trust_remote_code: bool = False
    """Whether Python code that comes with the checkpoint may run here."""
