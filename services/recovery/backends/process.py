"""Bare metal: each process has a keeper, which writes its state and restarts it on SIGUSR2."""

import contextlib
import os
import signal
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ValidationError

from services.recovery.errors import NotManaged

MANAGER = "keeper"


class KeptProcess(BaseModel):
    """A keeper's state file."""

    name: str
    keeper_pid: int
    pid: int | None
    state: Literal["starting", "running", "backoff", "stopped"]
    restarts: int
    started_at: AwareDatetime | None
    command: list[str]

    @property
    def uptime_s(self) -> float | None:
        """Seconds since the process was started; None while it does not run."""
        if self.pid is None or self.started_at is None:
            return None
        return max(0.0, (datetime.now(UTC) - self.started_at).total_seconds())


class KeeperBackend:
    """Reads and signals the keepers that hold their locks in `run_dir`."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir

    def find(self, name: str) -> KeptProcess | None:
        """The process as its keeper sees it; None if no keeper of that name runs here.

        A state file may outlive its keeper, and its number may be another program's by now.
        """
        kept = self._read(name)
        if kept is None:
            return None
        with self._keeper(kept) as handle:
            return None if handle is None else kept

    def restart(self, name: str) -> None:
        """Have the keeper restart its process. Raises NotManaged if it has none here."""
        kept = self._read(name)
        if kept is not None:
            with self._keeper(kept) as handle:
                if handle is not None:
                    signal.pidfd_send_signal(handle, signal.SIGUSR2)
                    return
        raise NotManaged(
            f"{name} was not started by Nova's keeper on this machine. Restart it where it was"
            f" started, for example: docker compose restart {name}"
        )

    def _read(self, name: str) -> KeptProcess | None:
        try:
            return KeptProcess.model_validate_json((self._run_dir / f"{name}.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    @contextlib.contextmanager
    def _keeper(self, kept: KeptProcess) -> Generator[int | None]:
        """A handle on the keeper's process, or None if that number is not this keeper's.

        The handle comes first: it stays with the process that is then checked.
        """
        try:
            handle = os.pidfd_open(kept.keeper_pid)
        except (ProcessLookupError, OverflowError, OSError):
            yield None
            return
        try:
            yield handle if self._holds_lock(kept) else None
        finally:
            os.close(handle)

    def _holds_lock(self, kept: KeptProcess) -> bool:
        lock = self._run_dir / f"{kept.name}.lock"
        try:
            expected = lock.stat()
            descriptors = list(Path(f"/proc/{kept.keeper_pid}/fd").iterdir())
        except OSError:
            return False
        for descriptor in descriptors:
            with contextlib.suppress(FileNotFoundError):  # closed since the listing
                if os.path.samestat(descriptor.stat(), expected):
                    return True
        return False
