"""Who asks OpenAI itself: key, organisation and project, as the openai package reads them.

The package takes most of a second to load and knows nothing of other endpoints, so it is loaded for its own.
"""

from collections.abc import Mapping
from typing import NamedTuple

NO_KEY = "none-needed"


class Account(NamedTuple):
    """Where requests go, and what identifies them."""

    base_url: str
    secret: str
    headers: Mapping[str, str]


def account(*, base_url: str | None, api_key: str | None) -> Account:
    """Tell the address, the key and the headers; without `base_url`, those of OpenAI."""
    if base_url is None:
        return _openai(api_key)
    key = api_key or NO_KEY
    return Account(base_url, key, {"Authorization": f"Bearer {key}"})


def _openai(api_key: str | None) -> Account:
    # Imported here because it takes longer to load than everything else about an endpoint.
    import openai  # noqa: PLC0415

    client = openai.AsyncOpenAI(api_key=api_key or openai.api_key or NO_KEY, max_retries=0)
    named = {"OpenAI-Organization": client.organization, "OpenAI-Project": client.project}
    said = {name: value for name, value in named.items() if value}
    return Account(str(client.base_url), client.api_key, {**client.auth_headers, **said})
