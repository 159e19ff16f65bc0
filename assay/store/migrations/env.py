"""Let alembic work on the connection it is handed, or on the store of `ASSAY_HOME` or `ASSAY_DB_URL`."""

from alembic import context
from sqlalchemy import Connection

from assay.home import database_url
from assay.store.engines import make_engine, parse, writing
from assay.store.tables import METADATA


def run(connection: Connection) -> None:
    """Run the migrations asked for."""
    context.configure(
        connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with writing(make_engine(parse(database_url()), pragmas=("foreign_keys=OFF",))).begin() as opened:
        run(opened)
