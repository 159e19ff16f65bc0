"""Share a provider's rate limit among all processes, by a global concurrency limit of the Prefect server."""

import asyncio
import math
from dataclasses import dataclass, field

from prefect import get_client
from prefect.concurrency.asyncio import rate_limit
from prefect.exceptions import ObjectNotFound

from assay.errors import BadSpec

AT_ONCE_SECONDS = 0.5
"""A slot taken alone would cost the server more than the request it is for."""


@dataclass
class Pace:
    """Let requests pass as the limit allows, taking slots for some of them at a time."""

    name: str
    slots: int
    """How many are taken at once."""
    _left: int = 0
    _taking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def admit(self) -> None:
        """Wait until one more request may be sent."""
        while not self._left:
            async with self._taking:
                if not self._left:
                    await rate_limit(self.name, occupy=self.slots, strict=True)
                    self._left += self.slots
        self._left -= 1


async def find_pace(name: str) -> Pace:
    """Look the limit up; raises BadSpec where it is not there, or limits no rate."""
    async with get_client() as client:
        try:
            found = await client.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound as error:
            raise BadSpec(
                f"The Prefect server has no global concurrency limit {name!r}.",
                remedy=f"Make it: prefect gcl create {name} --limit 20 --slot-decay-per-second 20",
            ) from error
    if not found.slot_decay_per_second:
        raise BadSpec(
            f"The global concurrency limit {name!r} has no slot decay, so it limits no rate.",
            remedy=f"Set it: prefect gcl update {name} --slot-decay-per-second 20",
        )
    return Pace(name, min(found.limit, math.ceil(found.slot_decay_per_second * AT_ONCE_SECONDS)))
