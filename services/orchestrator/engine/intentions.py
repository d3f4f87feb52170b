"""Tells a tool call that was only announced in the journal from one that was really started.

Before the begin of a call is written, a file is made beside the worker; when the call starts, the
file is removed, and only who has removed it may start the call. So where a killed worker has left
the file, its call was surely never started, and whoever resumes the task, on the same machine since
the same boot, may take the file over and make the call. A file is never made again by itself: what
a power failure could bring back names an earlier boot.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from services.kit.log import get_logger
from services.orchestrator.engine.errors import LeaseLost
from services.orchestrator.tools.errors import ToolError

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_KEPT_SECONDS = 7 * 86_400.0
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Intention:
    """A call that is about to start. `file` None: whether it started, nobody will be able to tell."""

    file: Path | None

    def start(self) -> None:
        """Called once, right before the call has its effect.

        Raises LeaseLost if another attempt has taken the call over, ToolError if it can't be told.
        """
        if self.file is None:
            return
        try:
            self.file.unlink()
        except FileNotFoundError as error:
            raise LeaseLost("another attempt makes this call") from error
        except OSError as error:
            text = f"The call was not made: that it starts can't be noted ({error.strerror})."
            raise ToolError(text) from error


@dataclass(frozen=True, slots=True)
class Intentions:
    """The files of all workers that share a state folder."""

    state_folder: Path

    def declare(self, task_id: UUID, *, step: int, attempt: int) -> Intention:
        """Before the begin of the call is written."""
        file = self._file(task_id, step, attempt)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_BOOT_ID.read_bytes())
        except OSError as error:
            _log.warning("call not noted", task_id=str(task_id), reason=error.strerror)
            # What is left of it can't be taken over: it does not hold the whole name of the boot.
            with suppress(OSError):
                file.unlink()
            return Intention(None)
        return Intention(file)

    def take_over(
        self, task_id: UUID, *, step: int, begun_by: int, attempt: int
    ) -> Intention | None:
        """What an earlier attempt has begun and surely not started; None if it may have been."""
        earlier, file = self._file(task_id, step, begun_by), self._file(task_id, step, attempt)
        try:
            if earlier.read_bytes() != _BOOT_ID.read_bytes():
                return None
            earlier.rename(file)
        except OSError:  # most often: it is not there
            return None
        return Intention(file)

    def tidy(self) -> None:
        """Remove what nobody can go by any more."""
        try:
            boot = _BOOT_ID.read_bytes()
            files = list(self._folder.iterdir())
        except OSError:
            return
        for file in files:
            try:
                old = time.time() - file.stat().st_mtime > _KEPT_SECONDS
                if old or file.read_bytes() not in {boot, b""}:
                    file.unlink()
            except OSError as error:
                _log.info("intention not tidied", name=file.name, reason=error.strerror)

    @property
    def _folder(self) -> Path:
        return self.state_folder / "intended"

    def _file(self, task_id: UUID, step: int, attempt: int) -> Path:
        return self._folder / f"{task_id}.{step}.{attempt}"
