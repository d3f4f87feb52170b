"""Opens files below a folder, and nowhere else, whatever the path or the links on the way say.

With openat2(2) the kernel does it, following links that stay inside. Where that call is missing
(before Linux 5.6, or denied by a container) every component is opened by itself and links are
refused. Either way there is no moment between a check and its use.
"""

import ctypes
import errno
import os
from functools import cache
from pathlib import Path

_OPENAT2 = 437
_RESOLVE_BENEATH, _RESOLVE_NO_MAGICLINKS = 0x08, 0x02
_NO_WAY_ROUND = {errno.ENOSYS, errno.EPERM, errno.E2BIG}


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_root(folder: Path) -> int:
    """A descriptor of a folder that is named by Nova, not by a model."""
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def open_beneath(root: int, path: str, flags: int, *, mode: int = 0) -> int:
    """Opens a relative path below the folder that `root` is open on.

    Raises OSError; EXDEV or ELOOP when the path leads outside.
    """
    flags |= os.O_CLOEXEC
    if _has_openat2():
        return _openat2(root, path, flags, mode)
    return _open_stepwise(root, path, flags, mode)


@cache
def _has_openat2() -> bool:
    try:
        descriptor = os.open("/", os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.close(_openat2(descriptor, ".", os.O_PATH | os.O_CLOEXEC, 0))
    except OSError as error:
        if error.errno in _NO_WAY_ROUND:
            return False
        raise
    finally:
        os.close(descriptor)
    return True


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _openat2(root: int, path: str, flags: int, mode: int) -> int:
    how = _OpenHow(flags, mode, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
    name = os.fsencode(path)
    while True:
        descriptor = _library().syscall(
            _OPENAT2, root, ctypes.c_char_p(name), ctypes.byref(how), ctypes.sizeof(how)
        )
        if descriptor >= 0:
            return descriptor
        number = ctypes.get_errno()
        # EAGAIN: a rename elsewhere raced with the resolution, which proves nothing either way.
        if number not in {errno.EAGAIN, errno.EINTR}:
            raise OSError(number, os.strerror(number), path)


def _open_stepwise(root: int, path: str, flags: int, mode: int) -> int:
    *folders, name = path.split("/")
    current = os.dup(root)
    try:
        for folder in folders:
            deeper = _step(current, folder, os.O_PATH | os.O_DIRECTORY, 0)
            os.close(current)
            current = deeper
        return _step(current, name, flags, mode)
    finally:
        os.close(current)


def _step(folder: int, name: str, flags: int, mode: int) -> int:
    if name == "..":
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), name)
    return os.open(name or ".", flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
