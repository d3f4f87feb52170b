"""Runs pg_dump and its kin: the ones that belong to the running PostgreSQL if we can tell."""

import asyncio
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from services.kit.launch import postgres
from services.kit.launch.problem import LaunchError
from services.recovery.errors import BackupFailed

_LONGEST_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server as its programs are told of it: the URL holds no password."""

    url: str
    password: str

    @classmethod
    def from_url(cls, url: str) -> "Server":
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        if parts.username:
            netloc = f"{quote(unquote(parts.username), safe='')}@{netloc}"
        return cls(parts._replace(netloc=netloc).geturl(), unquote(parts.password or ""))

    def database(self, name: str) -> str:
        """The URL of another database on the same server."""
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()


class PostgresPrograms:
    """Finds the programs anew for each run: a server may be upgraded while we run."""

    def __init__(self, *, server: Server, run_dir: Path) -> None:
        self.server = server
        self._run_dir = run_dir

    async def run(self, name: str, *arguments: str) -> None:
        """Run a program to its end. Raises BackupFailed with what it said.

        The password is in the child's environment: a command line can be read by every user.
        """
        program = await asyncio.to_thread(self.find, name)
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={
                "PATH": os.defpath,
                "PGCONNECT_TIMEOUT": "5",
                "PGPASSWORD": self.server.password,
            },
        )
        try:
            _, said = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode != 0:
            text = said.decode(errors="replace").strip()[-_LONGEST_MESSAGE:]
            raise BackupFailed(f"{name} failed ({process.returncode}): {text}")

    def find(self, name: str) -> str:
        """The program's path. Raises BackupFailed if PostgreSQL's programs are not installed."""
        for folder in self._folders():
            program = folder / name
            if program.exists():
                return str(program)
        on_path = shutil.which(name)
        if on_path is None:
            raise BackupFailed(
                f"{name} is not installed here; install PostgreSQL's client programs.",
                code="postgres_programs_missing",
            )
        return on_path

    def _folders(self) -> list[Path]:
        folders: list[Path] = []
        running = self._running_server()
        if running is not None:
            folders.append(running)
        try:
            folders.append(postgres.find_binaries().folder)
        except LaunchError:
            return folders
        return folders

    def _running_server(self) -> Path | None:
        """The folder of the server that Nova's keeper runs."""
        try:
            state = json.loads((self._run_dir / "postgres.json").read_bytes())
            words = [Path(word) for word in state["command"]]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return next((word.parent for word in words if word.name == "postgres"), None)
