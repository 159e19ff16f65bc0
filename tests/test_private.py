"""Nobody else may open what is ours, and nothing that another could have put there is followed."""

import os
import stat
from pathlib import Path

import pytest

from assay.errors import UnsafePath
from assay.private import make_file, make_folder, own_folder, read_own, write_own
from assay.store import Store
from assay.store.contract import client
from assay.store.responses import ResponseLog

NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files_are_closed_when_made_and_when_found_open(tmp_path: Path) -> None:
    top = tmp_path / "home"
    top.mkdir(mode=0o755)
    make_folder(top / "run", top=top)
    file = top / "db"
    file.write_text("kept")
    file.chmod(0o644)
    make_file(file)
    assert (mode(top), mode(top / "run"), mode(file)) == (0o700, 0o700, 0o600)
    assert file.read_text() == "kept"
    write_own(top / "secret", "x")
    assert mode(top / "secret") == 0o600
    assert read_own(top / "secret") == "x"


@pytest.mark.anyio
async def test_the_store_and_the_response_log_are_their_owner_s(
    assay_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = assay_home / "open"
    home.mkdir(mode=0o755)
    monkeypatch.setenv("ASSAY_HOME", str(home))
    with Store.open():
        log = ResponseLog.open()
        await log.aclose()
    assert mode(home) == 0o700
    files = list(home.glob("*.db*"))
    assert {"assay.db", "responses.db"} <= {file.name for file in files}
    assert {mode(file) for file in files if not file.name.endswith(".lock")} == {0o600}


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    link = tmp_path / "runtime"
    link.symlink_to(target)
    with pytest.raises(UnsafePath, match="not a folder of yours"):
        own_folder(link)
    (tmp_path / "file").write_text("")
    with pytest.raises(UnsafePath):
        own_folder(tmp_path / "file")
    assert mode(own_folder(tmp_path / "new")) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(UnsafePath, match="not a folder of yours"):
        own_folder(folder)


def test_the_socket_of_a_long_home_lies_in_no_folder_of_another(
    assay_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("ASSAY_HOME", str(assay_home / ("x" * 120)))
    trap = tmp_path / "trap"
    trap.mkdir()
    client.address().parent.symlink_to(trap)
    with pytest.raises(UnsafePath):
        client.start()
    assert list(trap.iterdir()) == []
