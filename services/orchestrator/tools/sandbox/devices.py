"""Device files of the sandbox's own, for a Nova that runs as root.

Root's tools keep root's ownership of files, and an owner may change the mode of /dev/null for the
whole machine. So they get nodes that nobody else uses.
"""

import contextlib
import os
import stat
from pathlib import Path

_DEVICES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}
_MODE = 0o666


def own_devices(folder: Path) -> list[Path]:
    """The nodes, made if missing and with their modes put right; none for an ordinary user.

    Raises PermissionError where even root may not make device nodes (some containers).
    """
    if os.geteuid() != 0:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    return [_node(folder / name, os.makedev(*numbers)) for name, numbers in _DEVICES.items()]


def _node(path: Path, device: int) -> Path:
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another worker was faster
            os.mknod(path, stat.S_IFCHR | _MODE, device)
    path.chmod(_MODE)
    return path
