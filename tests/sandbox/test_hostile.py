"""Programs that mean harm, or do it by mistake, on every backend that isolates."""

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from sandbox.backends.view import WORK
from sandbox.protocol import Backend, ExecResult, Limits, Sandbox, SandboxSpec
from tests.sandbox.conftest import working

pytestmark = pytest.mark.anyio
SHORT = Limits(seconds=2)


async def run(box: Sandbox, source: str, limits: Limits = SHORT) -> ExecResult:
    # By a new interpreter, whose command line shows on the machine; a warm one is what programs.py takes.
    return await box.exec(["python3", "-I", "-B", "-c", source], limits=limits)


def sandboxed(mark: str) -> list[str]:
    """Processes of this machine whose command line holds the mark."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in process.read_bytes():
                found.append(process.parent.name)
        except OSError:
            continue
    return found


def users_of(mark: str) -> set[int]:
    """Users whose Python runs the mark as its own program, not as an argument to hand on."""
    found = set()
    for pid in sandboxed(mark):
        process = Path("/proc") / pid
        if process.joinpath("cmdline").read_bytes().startswith(b"python3\0-I\0-B\0-c\0"):
            found.add(process.stat().st_uid)
    return found


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go: pytest's own folders let nobody else pass."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    folder.rmdir()


async def test_fork_bomb_is_stopped_at_the_limit_and_ends_with_its_sandbox(box: Sandbox) -> None:
    source = """
import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
        made += 1
except OSError as error:
    print(made, error.errno, flush=True)
time.sleep(60)  # mark-of-the-bomb
"""
    result = await run(box, source)
    assert result.ending == "timeout"
    made, error = result.stdout.split()
    assert 40 < int(made) < 64
    assert int(error) == 11
    assert sandboxed("mark-of-the-bomb") == []
    assert (await run(box, "print(1)")).stdout == b"1\n"


async def test_two_fork_bombs_do_not_share_one_limit(backend: Backend) -> None:
    source = """
import os, time
made = 0
try:
    while made < 200:
        if os.fork() == 0:
            time.sleep(60)
        made += 1
except OSError:
    pass
print(made, flush=True)
time.sleep(60)
"""
    boxes = [await backend.acquire(SandboxSpec()) for _ in range(2)]
    results = await asyncio.gather(*(run(box, source) for box in boxes))
    for box in boxes:
        await box.close()
    assert [40 < int(result.stdout) < 64 for result in results] == [True, True]


async def test_memory_of_one_process_is_limited(box: Sandbox) -> None:
    result = await run(box, "b = bytearray(100 << 30)")
    assert result.ending == "nonzero"
    assert b"MemoryError" in result.stderr


async def test_memory_of_all_processes_together_is_limited(box: Sandbox) -> None:
    source = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        hoard = bytearray(os.urandom(1 << 20) * 60)
        time.sleep(60)
time.sleep(60)
"""
    result = await run(box, source, Limits(seconds=20, memory=200 << 20))
    assert result.ending == "oom"
    assert result.code is None


async def test_loop_that_ignores_signals_ends_in_time(box: Sandbox) -> None:
    source = """
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass
"""
    began = monotonic()
    result = await run(box, source, Limits(seconds=1))
    assert result.ending == "timeout"
    assert result.code is None
    assert monotonic() - began < 10


async def test_endless_output_is_cut(box: Sandbox) -> None:
    result = await run(box, "while True: print('x' * 9999)", Limits(seconds=20, output=100_000))
    assert result.ending == "output_limit"
    assert result.truncated
    assert len(result.stdout) == 100_000


async def test_daemon_does_not_outlive_its_program(box: Sandbox) -> None:
    source = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)  # mark-of-the-daemon
"""
    began = monotonic()
    result = await run(box, source, Limits(seconds=30))
    assert result.ending == "ok"
    assert monotonic() - began < 10
    # In a container it lives as long as the lease.
    await box.reset()
    assert sandboxed("mark-of-the-daemon") == []


async def test_files_and_disk_are_limited(backend: Backend) -> None:
    box = await backend.acquire(SandboxSpec(limits=Limits(disk=4 << 20)))
    big = await run(
        box, "f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 20))", Limits(file_size=1 << 20)
    )
    assert big.ending != "ok"
    assert len(await box.read("big")) <= 1 << 20
    source = """
n = 0
while True:
    n += 1
    open(f'part{n}', 'wb').write(bytes(1 << 20))
"""
    many = await run(box, source, Limits(seconds=20, disk=4 << 20))
    assert many.ending == "killed" or b"No space left" in many.stderr
    tmp = await run(box, "open('/tmp/x', 'wb').write(bytes(8 << 20))", Limits(disk=4 << 20))
    assert b"No space left" in tmp.stderr
    await box.close()


async def test_files_of_the_machine_are_not_there(box: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    places = [
        str(secret),
        "/etc/shadow",
        "/root/.bashrc",
        "/etc/machine-id",
        "/var/run/docker.sock",
        str(Path(__file__)),
        f"/proc/{os.getpid()}/environ",
    ]
    source = (
        f"import os; print([p for p in {places} if os.path.exists(p)], os.path.exists('/proc/1/root/home'))"
    )
    assert (await run(box, source)).stdout == b"[] False\n"


async def test_nothing_but_the_work_folder_can_be_written(box: Sandbox) -> None:
    source = f"""
import os
places = ["/", "/usr", "/etc", "/dev", "/proc/sys/kernel", "{WORK}", "/tmp", os.path.dirname(os.__file__)]
for place in places:
    try:
        open(place + "/new", "w").close()
        print(place)
    except OSError:
        pass
try: open("/proc/sys/kernel/core_pattern", "w").write("|/x")
except OSError: print("refused")
"""
    assert (await run(box, source)).stdout.split() == [WORK.encode(), b"/tmp", b"refused"]


async def test_environment_of_the_parent_is_not_there(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "swordfish")
    source = """
import glob, os
print(dict(os.environ))
for path in glob.glob("/proc/*/environ"):
    try: print(open(path).read())
    except OSError: pass
"""
    result = await run(box, source)
    assert b"HOME" in result.stdout
    assert b"swordfish" not in result.stdout
    assert b"ASSAY" not in result.stdout


async def test_no_network(box: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        source = f"""
import socket
for place in ("127.0.0.1", {port}), ("192.0.2.1", 80):
    try:
        socket.create_connection(place, timeout=1)
        print("connected")
    except OSError:
        print("refused")
try:
    socket.socket(40, socket.SOCK_STREAM)
    print("vsock")
except OSError:
    print("no vsock")
"""
        assert (await run(box, source)).stdout == b"refused\nrefused\nno vsock\n"


async def test_no_rights_and_no_new_namespaces(box: Sandbox) -> None:
    source = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print(os.getuid() == 0, libc.unshare(0x10000000), ctypes.get_errno())
print([line for line in open("/proc/self/status") if line.startswith("Cap") and int(line.split()[1], 16)])
"""
    assert (await run(box, source)).stdout == b"False -1 1\n[]\n"


@pytest.mark.skipif(os.getuid() != 0, reason="only root has rights to give up on the machine itself")
async def test_root_runs_programs_as_nobody(box: Sandbox) -> None:
    source = "import time; print(flush=True); time.sleep(30)  # mark-of-nobody"
    running = asyncio.create_task(run(box, source, Limits(seconds=30)))
    users: set[int] = set()
    async with asyncio.timeout(10):
        while not users:
            await asyncio.wait({running}, timeout=0.01)
            users = users_of("mark-of-nobody")
    running.cancel()
    await asyncio.wait({running})
    assert users == {65534}
    assert sandboxed("mark-of-nobody") == []


async def test_killing_everyone_kills_oneself_only(box: Sandbox) -> None:
    source = """
import os
for target in -1, 1, os.getppid():
    try: os.kill(target, 9)
    except (PermissionError, ProcessLookupError): pass
print("alive")
"""
    result = await run(box, source)
    # In a container what counts the time is one of the program's own user.
    assert result.ending in {"ok", "killed"}
    assert result.stdout in {b"alive\n", b""}
    assert (await run(box, "print(1)")).stdout == b"1\n"


async def test_leftovers_are_not_seen_by_the_next_lease(backend: Backend) -> None:
    first = await backend.acquire(SandboxSpec())
    source = f"for p in '{WORK}/a', '/tmp/b', '/dev/shm/c': open(p, 'w').write('x')"
    assert (await run(first, source)).ending == "ok"
    assert await first.read("a") == b"x"
    second = await backend.acquire(SandboxSpec())
    look = f"import os; print(os.listdir('{WORK}') + os.listdir('/tmp') + os.listdir('/dev/shm'))"
    assert (await run(second, look)).stdout == b"[]\n"
    await first.close()
    await second.close()


async def test_nothing_is_left_on_the_machine(backend: Backend, open_folder: Path) -> None:
    box = await backend.acquire(SandboxSpec())
    source = """
import os, time
os.mkdir("closed", 0)
os.mkfifo("pipe")
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
time.sleep(60)
"""
    assert (await run(box, source, Limits(seconds=3))).ending in {"killed", "timeout"}
    await box.close()
    await box.close()
    assert is_empty(open_folder)


async def test_cancelled_program_is_ended(box: Sandbox) -> None:
    source = "import time; time.sleep(60)  # mark-of-the-cancelled"
    running = asyncio.create_task(run(box, source, Limits(seconds=60)))
    async with asyncio.timeout(10):
        while not users_of("mark-of-the-cancelled"):
            await asyncio.wait({running}, timeout=0.01)
            assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sandboxed("mark-of-the-cancelled") == []


HOARDS = {
    "memfd": """
import os
kept = []
for _ in range(60):
    kept.append(os.memfd_create("x"))
    for _ in range(32): os.write(kept[-1], bytes(1 << 20))
""",
    "shared anonymous memory": """
import mmap
kept = []
while len(kept) < 60:
    kept.append(mmap.mmap(-1, 15 << 20))
    kept[-1].write(bytes(15 << 20))
""",
    "one shared mapping": """
import mmap, os
m = mmap.mmap(-1, 480 << 20)
for i in range(0, 480 << 20, 4096): m[i] = 1
""",
    "files of /dev/shm": """
for i in range(600): open(f"/dev/shm/{i}", "wb").write(bytes(1 << 20))
""",
    "unlinked files": """
import os
kept = []
for i in range(600):
    kept.append(os.open("x", os.O_CREAT | os.O_RDWR))
    os.unlink("x")
    while os.write(kept[-1], bytes(1 << 20)) == 1 << 20 and os.fstat(kept[-1]).st_size < 8 << 20: pass
""",
    "empty files": """
for i in range(100_000): open(f"/tmp/{i}", "w").close()
""",
}


@pytest.mark.parametrize("grouped", [True, False], ids=["control group", "no control group"])
@pytest.mark.parametrize("hoard", HOARDS)
async def test_memory_and_files_that_no_process_seems_to_hold_are_limited(
    hoard: str, grouped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not grouped:
        monkeypatch.setattr("sandbox.backends.leased.new_group", lambda: None)
    backend = await working("local")
    box = await backend.acquire(SandboxSpec())
    source = HOARDS[hoard] + "\nimport time; time.sleep(1); print('held all of it', flush=True)"
    limits = Limits(seconds=20, memory=256 << 20, disk=64 << 20)
    result = await run(box, source, limits)
    assert result.ending != "ok"
    assert b"held all of it" not in result.stdout
    again = await run(box, "print(1)")
    assert again.stdout == b"1\n"
    await box.close()


async def test_program_holds_no_descriptor_of_ours_and_cannot_look_into_process_1(box: Sandbox) -> None:
    source = """
import os
print([n for n in map(int, os.listdir("/proc/self/fd")) if n > 3])
for name in "mem", "environ", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7":
    try:
        with open(f"/proc/1/{name}", "r+b", buffering=0) as file:
            file.write(b'{"child-pid": 1}\\n{"exit-')
    except OSError:
        pass
"""
    result = await run(box, source)
    assert result.stdout == b"[]\n"
    assert result.ending in {"ok", "nonzero", "killed"}


async def test_work_of_the_agent_cannot_be_seen_or_reached() -> None:
    box = await (await working("local")).acquire(SandboxSpec())
    source = """
import os
print(sorted(p for p in os.listdir("/proc") if p.isdigit()), os.getpid(), os.getppid())
for name in "mem", "environ", "maps", "fd":
    try:
        os.listdir("/proc/1/fd") if name == "fd" else open(f"/proc/1/{name}").read(1)
        print(name)
    except OSError:
        pass
"""
    assert (await run(box, source)).stdout == b"['1', '2'] 2 1\n"
    await box.close()
