"""$NOVA_HOME: its folders, its lock, and the secrets made on first run."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

from services.kit.launch.configuration import Configuration, load_configuration, read_env_file
from services.kit.launch.problem import LaunchError

_FOLDERS = ("run", "logs", "backups")

# Hexadecimal, so that a secret needs no quoting in a URL, a shell or an env file.
_SECRETS: Mapping[str, Callable[[], str]] = {
    "NOVA_ADMIN_SECRET": lambda: secrets.token_hex(24),
    "NOVA_SERVICE_SECRET": lambda: secrets.token_hex(32),
    "NOVA_SECRET_KEY": lambda: secrets.token_hex(32),
    "NOVA_POSTGRES_PASSWORD": lambda: secrets.token_hex(24),
    "NOVA_REDIS_PASSWORD": lambda: secrets.token_hex(24),
}


def open_home() -> Configuration:
    """Create what is missing under $NOVA_HOME and return the configuration with its secrets."""
    configuration = load_configuration()
    home = configuration.home
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in _FOLDERS:
            (home / folder).mkdir(exist_ok=True, mode=0o700)
        configuration.workspace.mkdir(parents=True, exist_ok=True)
        with exclusive(home):
            _make_secrets(home / "env", configuration.values)
    except OSError as error:
        raise LaunchError(
            f"Nova's home can not be written: {error.filename or home}: {error.strerror}.\n"
            "Set NOVA_HOME to a folder that you may write to."
        ) from error
    return load_configuration()


@contextlib.contextmanager
def exclusive(folder: Path) -> Generator[None]:
    """Let one process at a time prepare this folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make_secrets(file: Path, given: Mapping[str, str]) -> None:
    """Add every secret that is not set anywhere; what is set in the environment is not stored."""
    missing = [name for name in _SECRETS if not given.get(name)]
    stored = read_env_file(file)
    added = {name: _SECRETS[name]() for name in missing if not stored.get(name)}
    if not added and file.exists():
        return
    existing = file.read_text(encoding="utf-8") if file.exists() else ""
    if existing and not existing.endswith("\n"):
        existing += "\n"
    lines = "".join(f"{name}={value}\n" for name, value in added.items())
    fresh = file.with_name(".env.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(existing + lines)
        output.flush()
        os.fsync(output.fileno())
    fresh.rename(file)
