"""Free ports, taken ports, and who holds them."""

import socket
from pathlib import Path

_LISTEN = "0A"  # the kernel's number for TCP_LISTEN in /proc/net/tcp


def is_taken(host: str, port: int) -> bool:
    """Say whether a listener on host:port would fail."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: connections of an ended server in TIME_WAIT do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False


def accepts_connections(host: str, port: int) -> bool:
    """Say whether somebody answers on host:port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def holder(port: int) -> str | None:
    """Name the process that listens on the port, where the kernel lets us see it."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        if _open_sockets(process) & wanted:
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:
                command = "unknown command"
            return f"process {process.name} ({command[:80]})"
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _open_sockets(process: Path) -> set[str]:
    links: set[str] = set()
    try:
        for descriptor in (process / "fd").iterdir():
            links.add(str(descriptor.readlink()))
    except OSError:  # another user's process, or one that just ended
        return links
    return links
