"""A filter of system calls: what no honest program needs, and where kernels were broken before, is refused.

Written as classic BPF over `struct seccomp_data` (linux/seccomp.h): every refusal is a pair of
instructions, compare and return, so no jump leaves its pair but in the two calls whose arguments matter.
"""

import errno
import struct
from functools import cache
from os import uname

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, MACHINE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
LENGTH_AT, FLAGS_AT = 24, 40
"""Of `mmap`: its second and fourth argument, the lower half first."""
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
X32_CALLS = 0x40000000
NEW_NAMESPACES = 0x7E020000
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# fmt: off
NEWER = {  # one number on every machine
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
}
REFUSED = {
    "x86_64": {
        "ptrace": 101, "syslog": 103, "pivot_root": 155, "chroot": 161, "acct": 163, "settimeofday": 164,
        "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "iopl": 172,
        "ioperm": 173, "init_module": 175, "delete_module": 176, "quotactl": 179, "kexec_load": 246,
        "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
        "fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313,
        "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
    },
    "aarch64": {
        "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60, "acct": 89,
        "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "syslog": 116,
        "ptrace": 117, "reboot": 142, "settimeofday": 170, "add_key": 217, "request_key": 218,
        "keyctl": 219, "swapon": 224, "swapoff": 225, "perf_event_open": 241, "fanotify_init": 262,
        "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
        "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280, "userfaultfd": 282,
        "kexec_file_load": 294,
    },
}
# fmt: on
SOCKET = {"x86_64": 41, "aarch64": 198}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
MMAP = {"x86_64": 9, "aarch64": 222}
HIDDEN_MEMORY = {"x86_64": (319, 29), "aarch64": (279, 194)}
"""`memfd_create` and `shmget`: memory that no process needs to have mapped."""
SHARED_MAPPING = 16 << 20
"""Bytes of the largest mapping that may be shared where nothing but a look at processes counts memory."""
MAP_SHARED = 1
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10


def instruction(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """Encode one `struct sock_filter`; `yes` and `no` say how many instructions to skip."""
    return struct.pack("=HBBI", code, yes, no, value)


def refuse(number: int, error: int) -> bytes:
    """Answer one system call with an error."""
    return instruction(EQUAL, number, no=1) + instruction(RETURN, REFUSE | error)


@cache
def call_filter(machine: str = "", *, shared_memory: bool = True) -> bytes:
    """Return the filter for a machine (default: this one), empty where its call numbers are not known.

    Without `shared_memory`, what processes may share is held so small that a look at them counts it.
    """
    machine = machine or uname().machine
    if machine not in AUDIT_ARCH:
        return b""
    program = [
        instruction(LOAD, MACHINE_AT),
        instruction(EQUAL, AUDIT_ARCH[machine], yes=1),
        instruction(RETURN, KILL),
        instruction(LOAD, NUMBER_AT),
        instruction(AT_LEAST, X32_CALLS, no=1),
        instruction(RETURN, REFUSE | errno.ENOSYS),
        *(refuse(number, errno.EPERM) for number in (REFUSED[machine] | NEWER).values()),
        # Its flags lie in memory, which a filter cannot read: the C library falls back to clone.
        refuse(CLONE3, errno.ENOSYS),
        *_plain_sockets(SOCKET[machine]),
        *_plain_clones(CLONE[machine]),
        *([] if shared_memory else _small_mappings(machine)),
        instruction(RETURN, ALLOW),
    ]
    return b"".join(program)


def _plain_sockets(number: int) -> list[bytes]:
    """Allow the families every program knows, and no AF_VSOCK, AF_NETLINK, AF_PACKET, AF_ALG."""
    return [
        instruction(EQUAL, number, no=6),
        instruction(LOAD, FIRST_ARGUMENT_AT),
        instruction(EQUAL, AF_UNIX, yes=3),
        instruction(EQUAL, AF_INET, yes=2),
        instruction(EQUAL, AF_INET6, yes=1),
        instruction(RETURN, REFUSE | errno.EAFNOSUPPORT),
        instruction(RETURN, ALLOW),
    ]


def _plain_clones(number: int) -> list[bytes]:
    """Allow processes and threads, and no new namespace."""
    return [
        instruction(EQUAL, number, no=4),
        instruction(LOAD, FIRST_ARGUMENT_AT),
        instruction(ANY_BIT, NEW_NAMESPACES, no=1),
        instruction(RETURN, REFUSE | errno.EPERM),
        instruction(RETURN, ALLOW),
    ]


def _small_mappings(machine: str) -> list[bytes]:
    """Refuse memory that cannot be counted by its processes, and large shared mappings."""
    return [
        *(refuse(number, errno.ENOSYS) for number in HIDDEN_MEMORY[machine]),
        instruction(EQUAL, MMAP[machine], no=8),
        instruction(LOAD, FLAGS_AT),
        instruction(ANY_BIT, MAP_SHARED, no=5),
        instruction(LOAD, LENGTH_AT + 4),
        instruction(EQUAL, 0, no=2),
        instruction(LOAD, LENGTH_AT),
        instruction(AT_LEAST, SHARED_MAPPING + 1, no=1),
        instruction(RETURN, REFUSE | errno.ENOMEM),
        instruction(RETURN, ALLOW),
    ]
