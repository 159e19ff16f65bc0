"""The filter of system calls is well formed on every machine it knows."""

import struct

import pytest

from sandbox.backends.seccomp import ALLOW, AUDIT_ARCH, REFUSED, RETURN, call_filter


@pytest.mark.parametrize("machine", AUDIT_ARCH)
def test_every_jump_lands_and_every_path_returns(machine: str) -> None:
    program = list(struct.iter_unpack("=HBBI", call_filter(machine)))
    for place, (code, yes, no, _) in enumerate(program):
        assert place + 1 + max(yes, no) < len(program) or code == RETURN
    assert program[-1] == (RETURN, 0, 0, ALLOW)


@pytest.mark.parametrize("machine", AUDIT_ARCH)
def test_no_call_is_named_twice(machine: str) -> None:
    numbers = list(REFUSED[machine].values())
    assert len(numbers) == len(set(numbers))


def test_unknown_machine_has_no_filter() -> None:
    assert call_filter("s390x") == b""
