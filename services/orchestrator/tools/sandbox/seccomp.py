"""The second wall: a seccomp filter for tools, assembled here as a classic BPF program.

It denies what a tool never needs and what kernel escapes have been built on: new namespaces and
mounts, tracing other processes, keys, BPF, io_uring, socket families other than Unix, IP and
routing, typing into a terminal, and making files set-user-id (root's tools write as root).
Numbers are from the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h. Everything else is left to the namespaces.
"""

import errno
import platform
import struct
from dataclasses import dataclass

_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
# Offsets in struct seccomp_data; an argument's low half comes first on both machines.
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_SET_ID_BITS = 0o6000
_CLONE_NEW_NAMESPACE = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_SOCKET_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
_TERMINAL_REQUESTS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_X32_BIT = 0x40000000

# System calls that both machines number from the same point on.
_NEW = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
}


@dataclass(frozen=True, slots=True)
class _Machine:
    audit_arch: int
    denied: dict[str, int]
    modes: dict[str, tuple[int, int]]  # call number, which argument is the file mode
    clone: int
    socket: int
    ioctl: int


_X86_64 = _Machine(
    audit_arch=0xC000003E,
    denied={
        "ptrace": 101, "syslog": 103, "uselib": 134, "personality": 135, "pivot_root": 155,
        "chroot": 161, "acct": 163, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168,
        "reboot": 169, "init_module": 175, "delete_module": 176, "quotactl": 179,
        "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272,
        "vmsplice": 278, "perf_event_open": 298, "open_by_handle_at": 304, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313,
        "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, **_NEW,
    },
    modes={
        "open": (2, 2), "creat": (85, 1), "chmod": (90, 1), "fchmod": (91, 1), "mknod": (133, 1),
        "openat": (257, 3), "mknodat": (259, 2), "fchmodat": (268, 2),
    },
    clone=56, socket=41, ioctl=16,
)  # fmt: skip

_AARCH64 = _Machine(
    audit_arch=0xC00000B7,
    denied={
        "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "vmsplice": 75,
        "quotactl": 60, "acct": 89, "personality": 92, "unshare": 97, "kexec_load": 104,
        "init_module": 105, "delete_module": 106, "syslog": 116, "ptrace": 117, "reboot": 142,
        "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225,
        "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
        "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280,
        "userfaultfd": 282, "kexec_file_load": 294, **_NEW,
    },
    modes={"mknodat": (33, 2), "fchmod": (52, 1), "fchmodat": (53, 2), "openat": (56, 3)},
    clone=220, socket=198, ioctl=29,
)  # fmt: skip

_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}
# Their arguments lie in memory, out of a filter's sight: with ENOSYS programs use the older call.
_OPAQUE = {"clone3": 435, "openat2": 437, "fchmodat2": 452}


def seccomp_program() -> bytes:
    """The filter for this machine as an array of struct sock_filter; empty on unknown machines."""
    machine = _MACHINES.get(platform.machine())
    return b"" if machine is None else b"".join(_assemble(machine))


def _assemble(machine: _Machine) -> list[bytes]:
    refused = _ERRNO | errno.EPERM
    program = [
        _step(_LOAD, _ARCH),
        _step(_JUMP_EQUAL, machine.audit_arch, yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    program += [_step(_JUMP_AT_LEAST, _X32_BIT, no=1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    for number in machine.denied.values():
        program += [_step(_JUMP_EQUAL, number, no=1), _step(_RETURN, refused)]
    for number in _OPAQUE.values():
        program += [_step(_JUMP_EQUAL, number, no=1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    for number, argument in machine.modes.values():
        program += _on_argument(number, argument, [_step(_JUMP_SET, _SET_ID_BITS, no=1)], refused)
    namespaces = [_step(_JUMP_SET, _CLONE_NEW_NAMESPACE, no=1)]
    program += _on_argument(machine.clone, 0, namespaces, refused)
    for request in _TERMINAL_REQUESTS:
        program += _on_argument(machine.ioctl, 1, [_step(_JUMP_EQUAL, request, no=1)], refused)
    last = len(_SOCKET_FAMILIES) - 1
    families = [
        _step(_JUMP_EQUAL, family, yes=last - index + 1)
        for index, family in enumerate(_SOCKET_FAMILIES)
    ]
    program += _on_argument(machine.socket, 0, families, _ERRNO | errno.EAFNOSUPPORT)
    program.append(_step(_RETURN, _ALLOW))
    return program


def _on_argument(number: int, argument: int, tests: list[bytes], verdict: int) -> list[bytes]:
    """For one call: load an argument, test it (falling through means the verdict), load back."""
    body = [
        _step(_LOAD, _ARGUMENTS + 8 * argument),
        *tests,
        _step(_RETURN, verdict),
        _step(_LOAD, _NUMBER),
    ]
    return [_step(_JUMP_EQUAL, number, no=len(body)), *body]


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
