"""A database that cannot be used is told in one sentence with a remedy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assay.errors import BadSpec, StoreError, StoreUnavailable
from assay.store.store import Store


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "assay.db"
    file.write_bytes(b"these are not the bytes of a database" * 100)
    with pytest.raises(StoreError, match=r"assay\.db is damaged or not a database .*Put a copy") as refused:
        Store.open(f"sqlite:///{file}")
    assert "\n" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        StoreError, match=r"The folder .*file/sub cannot be created .*Make the folder writable"
    ):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'sub' / 'assay.db'}")


OPEN_AS_NOBODY = """
import os, sys
from assay.errors import StoreError
from assay.store.store import Store
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    Store.open(sys.argv[1])
except StoreError as error:
    print(error)
"""


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.getuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AS_NOBODY, f"sqlite:///{folder / 'assay.db'}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "cannot be" in done.stdout
    assert "Make the folder writable, or set ASSAY_HOME" in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("address", ["mysql://host/db", "sqlite://", "sqlite:///:memory:", "not an address"])
def test_an_address_that_is_no_lasting_database_is_refused(address: str) -> None:
    with pytest.raises(BadSpec, match="ASSAY_DB_URL"):
        Store.open(address)


def test_a_server_that_is_not_there_is_unavailable_and_the_password_untold(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        Store.open(f"postgresql://someone:secret@/assay?host={tmp_path}")
    assert "secret" not in str(refused.value)
    assert "ASSAY_DB_URL" in refused.value.remedy
