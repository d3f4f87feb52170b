"""The folder of backups: which files are ours, and how one appears there whole or not at all.

A backup is `nova-20260102T030405Z-1a2b3c4d.tar`; beside it stands `<name>.json` with its checksum
and when it was last verified. The tar is renamed into place last: what is listed is complete.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError

from contracts.recovery import Backup
from services.kit.ids import new_id
from services.recovery.errors import BackupFailed, BackupRunning, UnknownBackup

_FILE_NAME = re.compile(r"nova-\d{8}T\d{6}Z-[0-9a-f]{8}\.tar", re.ASCII)
_TIME = "%Y%m%dT%H%M%SZ"
_PARTIAL = ".partial-"


class _Record(BaseModel):
    """What stands beside a backup."""

    sha256: str
    size_bytes: int
    verified_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder on the backups' own disk for one running backup; gone when that ends."""

    folder: Path
    filename: str


class BackupStore:
    """Blocking file work: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_name(self, at: datetime) -> str:
        return f"nova-{at.strftime(_TIME)}-{new_id().hex[-8:]}.tar"

    def list(self) -> list[Backup]:
        """Newest first."""
        try:
            names = sorted((path.name for path in self._folder.iterdir()), reverse=True)
        except FileNotFoundError:
            return []
        found: list[Backup] = []
        for name in names:
            with contextlib.suppress(FileNotFoundError, UnknownBackup):  # deleted while we looked
                found.append(self.get(name))
        return found

    def path(self, filename: str) -> Path:
        """Where the backup lies. Raises UnknownBackup for any name that is not one of ours."""
        path = self._folder / filename
        if not _FILE_NAME.fullmatch(filename) or not path.is_file() or path.is_symlink():
            raise UnknownBackup("There is no backup of that name.")
        return path

    def get(self, filename: str) -> Backup:
        return self._describe(self.path(filename).name)

    def delete(self, filename: str) -> None:
        path = self.path(filename)
        path.unlink(missing_ok=True)
        self._record_path(filename).unlink(missing_ok=True)

    def mark_verified(self, filename: str, at: datetime) -> Backup:
        record = self._record(filename).model_copy(update={"verified_at": at})
        self._write_record(filename, record)
        return self.get(filename)

    @contextlib.contextmanager
    def exclusively(self) -> Generator[None]:
        """One backup or verification at a time, in any process. Raises BackupRunning."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self.unusable(error) from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupRunning("Another backup or verification is running.") from None
            self._remove_leftovers()
            yield
        finally:
            os.close(lock)

    @contextlib.contextmanager
    def workspace(self, filename: str) -> Generator[Workspace]:
        """A private folder on the same disk; needs the lock of exclusively()."""
        folder = self._folder / f"{_PARTIAL}{filename}"
        folder.mkdir(mode=0o700)
        try:
            yield Workspace(folder, filename)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, workspace: Workspace, archive: Path) -> Backup:
        """Make the finished archive a backup: written to the disk, then renamed."""
        with archive.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        record = _Record(sha256=sha256, size_bytes=archive.stat().st_size)
        self._write_record(workspace.filename, record)
        archive.chmod(0o600)
        archive.rename(self._folder / workspace.filename)
        self._sync_folder()
        return self._describe(workspace.filename)

    def unusable(self, error: OSError) -> BackupFailed:
        """What to tell about a disk that is full, read-only or gone."""
        return BackupFailed(
            f"The backup folder can't be written: {error.strerror}. See BACKUP_DIR.",
            code="backup_folder_unusable",
        )

    def _describe(self, filename: str) -> Backup:
        record = self._record(filename)
        return Backup(
            filename=filename,
            size_bytes=record.size_bytes,
            created_at=datetime.strptime(filename.split("-")[1], _TIME).replace(tzinfo=UTC),
            verified_at=record.verified_at,
            sha256=record.sha256,
        )

    def _record(self, filename: str) -> _Record:
        """The record beside the file, made anew if it does not belong to it."""
        path = self._folder / filename
        size = path.stat().st_size
        try:
            record = _Record.model_validate_json(self._record_path(filename).read_bytes())
        except (FileNotFoundError, ValidationError):
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            record = _Record(sha256=sha256, size_bytes=size)
            self._write_record(filename, record)
        return record.model_copy(update={"size_bytes": size})

    def _write_record(self, filename: str, record: _Record) -> None:
        fresh = self._folder / f"{_PARTIAL}{filename}.json"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(record.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._record_path(filename))
        self._sync_folder()

    def _record_path(self, filename: str) -> Path:
        return self._folder / f"{filename}.json"

    def _remove_leftovers(self) -> None:
        """What a killed backup left. Only called with the lock held, so it is nobody's."""
        for entry in self._folder.glob(f"{_PARTIAL}*"):
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
