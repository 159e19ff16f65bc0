"""The migrations make the tables that the code uses."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, NullPool, inspect

from assay.errors import StoreError
from assay.store.engines import make_engine, parse, writing
from assay.store.schema import HEAD, SCRIPTS, connect, is_current
from assay.store.store import Store
from assay.store.tables import METADATA
from tests.store.examples import make_run


def test_the_tables_after_migration_are_those_of_the_models(url: str) -> None:
    engine = connect(parse(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_the_constraints_after_migration_are_those_of_the_models(url: str) -> None:
    engine = connect(parse(url))
    found = inspect(engine)
    for table in METADATA.sorted_tables:
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        assert {c["name"] for c in found.get_check_constraints(table.name)} == wanted, table.name
        keys = [(key["constrained_columns"], key["options"]) for key in found.get_foreign_keys(table.name)]
        assert keys == [([c.parent.name], {"ondelete": c.ondelete}) for c in table.foreign_keys], table.name
    engine.dispose()


def test_the_newest_migration_is_the_one_the_code_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_migrated_store_is_current(url: str) -> None:
    engine = connect(parse(url))
    assert is_current(engine)
    engine.dispose()


def test_tables_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "assay.db"
    Store.open(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"made by a newer Assay .*Upgrade Assay"):
        Store.open(f"sqlite:///{file}")


def test_an_older_store_is_brought_up_to_date_with_what_it_holds(url: str) -> None:
    run = make_run()
    with Store.open(url) as store:
        store.begin_run(run, identity=run.id)
    engine = make_engine(parse(url), pool=NullPool)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    assert not is_current(engine)
    with Store.open(url) as store:
        assert store.run(run.id) == run
    assert is_current(engine)


def test_tables_that_are_not_ours_are_said_to_be_so(url: str) -> None:
    run = make_run()
    with Store.open(url) as store:
        engine = make_engine(parse(url), pool=NullPool)
        with writing(engine).begin() as connection:
            connection.exec_driver_sql("ALTER TABLE run DROP COLUMN limits")
        with pytest.raises(StoreError, match=r"differ from those.*limits.*ASSAY_HOME"):
            store.begin_run(run, identity=run.id)
        with pytest.raises(StoreError, match=r"differ from those.*limits.*ASSAY_HOME"):
            store.runs()


def test_several_may_open_a_new_store_at_once(url: str) -> None:
    together, problems = threading.Barrier(4), list[str]()

    def open_it() -> None:
        together.wait()
        try:
            Store.open(url).close()
        except StoreError as error:
            problems.append(str(error))

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with Store.open(url) as store:
        assert store.runs() == []
