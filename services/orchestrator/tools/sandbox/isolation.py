"""What a sandboxed command sees of the machine: bubblewrap's arguments."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.orchestrator.tools.sandbox.devices import own_devices

WORKSPACE = "/workspace"  # where a command finds the workspace
_ETC = Path(__file__).parent / "etc"  # users, hosts: ours, nothing of the machine's
_TEMPORARY_BYTES = 512 << 20
# Programs and libraries. Nothing that holds a person's or a service's data.
_PROGRAM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/nix/store")
_MACHINE_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/run/current-system")
_SEARCHED = ("/usr/", "/bin", "/sbin", "/nix/store/", "/run/current-system/")
_ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108  # the sandbox's own
    "USER": "agent",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "TMPDIR": "/tmp",  # noqa: S108
}
_SEPARATED = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
    *("--unshare-cgroup-try", "--hostname", "nova", "--uid", "1000", "--gid", "1000"),
    *("--cap-drop", "ALL", "--die-with-parent", "--new-session", "--clearenv"),
)


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs that the sandbox is made with, as found on this machine."""

    bubblewrap: str
    shell: str
    devices: tuple[Path, ...]  # device nodes to use instead of the machine's


def find_programs(state_folder: Path) -> Programs | None:
    """None without bubblewrap. Device nodes are kept in `state_folder`."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        return None
    return Programs(bubblewrap, find_shell(), tuple(own_devices(state_folder / "devices")))


def is_visible(program: str) -> bool:
    """Whether a program of the machine can be run inside."""
    return program.startswith(_SEARCHED)


def find_shell() -> str:
    return shutil.which("bash") or "/bin/sh"


def isolated(
    programs: Programs,
    command: Sequence[str],
    *,
    workspace: Path | None,
    beside: Mapping[str, tuple[Path, bool]] | None = None,
) -> list[str]:
    """The command with bubblewrap around it: no network, no capability, one writable folder.

    Without a workspace there is no file to see besides programs and an empty /tmp. `beside` are
    further folders by their names inside, and whether they may be written.
    """
    return [
        programs.bubblewrap,
        *_SEPARATED,
        *_variables(programs),
        *_machine(),
        *_kernel_interfaces(programs.devices),
        *("--size", str(_TEMPORARY_BYTES), "--tmpfs", "/tmp"),  # noqa: S108
        *_workspace(workspace),
        *_further(beside or {}),
        *("--remount-ro", "/", "--"),
        *command,
    ]


def _variables(programs: Programs) -> Iterator[str]:
    for name, value in {**_ENVIRONMENT, "SHELL": programs.shell, "PATH": _path()}.items():
        yield from ("--setenv", name, value)


def _path() -> str:
    """The host's search path, as far as the sandbox shows it."""
    shown = [folder for folder in os.get_exec_path() if is_visible(folder)]
    return ":".join(dict.fromkeys([*shown, "/usr/local/bin", "/usr/bin", "/bin"]))


def _machine() -> Iterator[str]:
    for folder in _PROGRAM_FOLDERS:
        if Path(folder).is_symlink():
            yield from ("--symlink", str(Path(folder).readlink()), folder)
        elif Path(folder).is_dir():
            yield from ("--ro-bind", folder, folder)
    for file in _MACHINE_FILES:
        yield from ("--ro-bind-try", file, file)
    for file in sorted(_ETC.iterdir()):
        yield from ("--ro-bind", str(file), f"/etc/{file.name}")


def _kernel_interfaces(devices: Sequence[Path]) -> Iterator[str]:
    """/proc is read-only: a Nova that runs as root owns the kernel's settings under /proc/sys,
    and an owner needs no capability to write.
    """
    yield from ("--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev")
    for device in devices:
        yield from ("--dev-bind", str(device), f"/dev/{device.name}")
    yield from ("--size", str(_TEMPORARY_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108


def _workspace(workspace: Path | None) -> Iterator[str]:
    if workspace is None:
        yield from ("--chdir", "/tmp")  # noqa: S108
    else:
        yield from ("--bind", str(workspace), WORKSPACE, "--chdir", WORKSPACE)


def _further(folders: Mapping[str, tuple[Path, bool]]) -> Iterator[str]:
    for name, (folder, writable) in folders.items():
        yield from ("--bind" if writable else "--ro-bind", str(folder), name)
