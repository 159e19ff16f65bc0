"""Who may speak to the server of a home: its user, who has the secret, and nobody else."""

import base64
import json
import os
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.errors import UnsafePath
from assay.prefect_server import auth_string, call, ensure, secret_file, stop

SETTINGS = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "ASSAY_OWN_SERVER", "PREFECT_HOME")
NOBODY = 65534
ASK = """
import sys, urllib.request
body = b'{}' if sys.argv[1] == 'post' else None
headers = {'Content-Type': 'application/json'}
try:
    print(urllib.request.urlopen(urllib.request.Request(sys.argv[2], data=body, headers=headers)).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_HOME", str(tmp_path_factory.mktemp("guarded") / "home"))
        for name in SETTINGS:
            patch.setenv(name, "x")
            patch.delenv(name)
        found = ensure().url
        yield found
        stop()


@pytest.fixture
def home(url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of that server, in this test too."""
    found = Path(os.environ["PREFECT_HOME"]).parent
    monkeypatch.setenv("ASSAY_HOME", str(found))
    return found


def status(url: str, *, body: object = None, **headers: str) -> int:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"} | headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("flow_runs/filter", {}),
        ("flows/", {"name": "mine"}),
        ("flow_runs/", {"flow_id": "00000000-0000-0000-0000-000000000000"}),
        ("events", []),
        ("admin/settings", None),
        ("csrf-token?client=x", None),
    ],
)
def test_who_has_not_the_secret_is_told_nothing_and_starts_nothing(
    url: str, home: Path, path: str, body: object
) -> None:
    assert status(f"{url}/{path}", body=body) == 401
    assert status(f"{url}/{path}", body=body, Authorization="Basic YXNzYXk6d3Jvbmc=") == 401
    assert call(f"{url}/flows/filter", body={}) == []


@pytest.mark.e2e
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_of_the_machine_reads_neither_the_secret_nor_the_runs(url: str, home: Path) -> None:
    if not os.access("/usr/bin/python3", os.X_OK):
        pytest.skip("no interpreter that another user may run")
    python = Path("/usr/bin/python3")
    for method, path in (("post", "flow_runs/filter"), ("get", "admin/version")):
        done = subprocess.run(
            [python, "-c", ASK, method, f"{url}/{path}"],
            user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.strip() == "401", done.stderr
    read = subprocess.run(["/bin/cat", secret_file()], user=NOBODY, cwd="/", capture_output=True, check=False)
    assert read.returncode
    assert auth_string().encode() not in read.stdout


@pytest.mark.e2e
def test_a_page_of_another_site_cannot_use_the_browser_that_knows_the_secret(url: str, home: Path) -> None:
    known = {"Authorization": "Basic " + base64.b64encode(auth_string().encode()).decode()}
    runs = f"{url}/flow_runs/filter"
    own = url.removesuffix("/api")
    assert status(runs, body={}, **known) == 200
    assert status(runs, body={}, Origin=own, **known) == 200
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"{own}.evil.example"):
        assert status(runs, body={}, Origin=origin, **known) == 403
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
        assert status(runs, body={}, Host=host, **known) == 403


@pytest.mark.e2e
def test_the_event_stream_asks_for_the_secret_too(url: str, home: Path) -> None:
    port = int(url.rpartition(":")[2].removesuffix("/api"))
    lines = [
        "GET /api/events/in HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13",
    ]  # fmt: skip
    for extra, expected in ((), b" 403 "), (("Origin: http://evil.example",), b" 403 "):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
            stream.sendall("\r\n".join([*lines, *extra, "", ""]).encode())
            assert expected in stream.recv(200)


@pytest.mark.e2e
def test_nobody_else_may_open_what_lies_in_the_home(url: str, home: Path) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in home.rglob("*") if file.is_file()}
    for name in ("prefect.db", "server.secret", "server.json", "server.log"):
        assert files[name] == 0o600, name


def test_a_secret_that_another_could_have_put_there_is_not_used(assay_home: Path) -> None:
    first = auth_string()
    assert auth_string() == first
    secret_file().chmod(0o644)
    with pytest.raises(UnsafePath, match="not yours alone"):
        auth_string()
    secret_file().unlink()
    elsewhere = assay_home / "elsewhere"
    elsewhere.write_text("me:known")
    secret_file().symlink_to(elsewhere)
    with pytest.raises(UnsafePath, match="cannot be read"):
        auth_string()
