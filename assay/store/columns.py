"""Column types that behave alike in SQLite and PostgreSQL."""

import re
from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

ESCAPE = "\x10"
ESCAPES = {"\x00": ESCAPE + "0", ESCAPE: ESCAPE + ESCAPE}


class Key(TypeDecorator[str]):
    """Text that is compared and sorted by code point, whatever the database's locale."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the C collation where the default depends on the server."""
        return dialect.type_descriptor(TEXT(collation="C") if dialect.name == "postgresql" else Text())


class Prose(TypeDecorator[str]):
    """Text a model wrote, which may hold a NUL, that PostgreSQL has no place for.

    NUL is written as DLE 0 and DLE as DLE DLE, in both databases, and read back as it was.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape NUL."""
        if value is None or not ("\x00" in value or ESCAPE in value):
            return value
        return re.sub("[\x00\x10]", lambda match: ESCAPES[match[0]], value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Restore NUL."""
        if value is None or ESCAPE not in value:
            return value
        return re.sub("\x10(.)", lambda match: "\x00" if match[1] == "0" else ESCAPE, value)
