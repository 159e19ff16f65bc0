"""Scopes: how long answers may be reused of an endpoint that cannot prove its weights."""

import secrets
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from assay.store.tables import SCOPE


def find_scope(connection: Connection, key: str) -> str | None:
    """Return the nonce of the newest open scope of the key, None where there is none."""
    query = (
        select(SCOPE.c.nonce)
        .where(SCOPE.c.key == key, SCOPE.c.closed.is_(None))
        .order_by(SCOPE.c.opened.desc(), SCOPE.c.nonce)
        .limit(1)
    )
    return connection.scalar(query)


def open_scope(connection: Connection, key: str) -> str:
    """Return the nonce of the newest open scope of the key, or of a new one."""
    nonce = find_scope(connection, key)
    if nonce is None:
        nonce = secrets.token_hex(16)
        connection.execute(insert(SCOPE), {"nonce": nonce, "key": key, "opened": datetime.now(UTC)})
    return nonce


def close_scope(connection: Connection, key: str, nonce: str) -> None:
    """Close the scope, unless it is closed already."""
    condition = (SCOPE.c.key == key, SCOPE.c.nonce == nonce, SCOPE.c.closed.is_(None))
    connection.execute(update(SCOPE).where(*condition).values(closed=datetime.now(UTC)))
