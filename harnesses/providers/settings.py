"""Provider settings: `-M key=value`, read once and refused when nobody knows them."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from assay.errors import BadSpec, UnknownName


class Settings(BaseModel):
    """What every provider takes; those with fields of their own extend it."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    concurrency: int | None = None
    """Most requests in flight."""
    timeout: float | None = None
    """Most seconds for one request."""
    rate_limit: str | None = None
    """Name of a global concurrency limit of the Prefect server that all processes share."""


S = TypeVar("S", bound=Settings)


def read_settings(given: Mapping[str, str], kind: type[S], *, provider: str) -> S:
    """Parse `-M` values; raises UnknownName and BadSpec."""
    for key in given:
        if key not in kind.model_fields:
            raise UnknownName(f"setting of {provider}", key, kind.model_fields)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadSpec(f"The setting -M {where} of {provider} is wrong: {first['msg']}.") from error
