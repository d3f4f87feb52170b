"""The gateway's end of the local model's process: started when needed, ended when idle."""

import asyncio
import contextlib
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.kit.log import get_logger
from services.llm_gateway.embeddings.local import frames

_log = get_logger(__name__)
_START_SECONDS = 60.0
_ANSWER_SECONDS = 60.0
_CHILD = "services.llm_gateway.embeddings.local.child"
_ROOT = Path(__file__).resolve().parents[4]


class ProcessEnded(Exception):
    """It has ended, or hung, before its answer; another one may do better."""


class EndedEarly(ProcessEnded):
    """It has ended before it could answer anything."""


class CannotStart(Exception):
    """It can't load the model; another one could not either."""


class ModelProcess:
    """One process; start() and ask() must not run at the same time."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._process: Process | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def ask(self, texts: Sequence[str]) -> tuple[bytes, list[int]]:
        """All vectors as float32 numbers, and the tokens of each text; starts it if need be.

        Raises ProcessEnded or CannotStart; then no process is left.
        """
        try:
            if not self.is_running:
                await self._start()
            head, body = await self._exchange(list(texts), _ANSWER_SECONDS)
        except BaseException:
            # Cancelled in the middle, it would give its answer to the next question.
            await self.stop()
            raise
        return body, list(head["tokens"])

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await asyncio.shield(process.wait())

    async def _start(self) -> None:
        began = time.monotonic()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", _CHILD),
                *(str(self._folder), str(self._threads), str(os.getpid())),
                stdin=PIPE,
                stdout=PIPE,
                cwd=_ROOT,
            )
        except OSError as error:
            raise CannotStart(f"no process can be started ({error})") from error
        try:
            head, _ = await self._exchange(None, _START_SECONDS)
        except ProcessEnded as error:
            raise EndedEarly(f"{error} while it was starting") from error
        if "error" in head:
            raise CannotStart(str(head["error"]))
        seconds = round(time.monotonic() - began, 2)
        _log.info("local embedding model started", pid=self._process.pid, seconds=seconds)

    async def _exchange(
        self, texts: list[str] | None, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ProcessEnded("it has not been started")
        try:
            async with asyncio.timeout(seconds):
                if texts is not None:
                    process.stdin.write(frames.pack(texts))
                    await process.stdin.drain()
                return await frames.receive(process.stdout)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            status = await asyncio.shield(process.wait()) if process.stdout.at_eof() else None
            raise ProcessEnded(f"it ended with status {status}") from error
        except TimeoutError as error:
            raise ProcessEnded(f"it gave no answer in {seconds:g} s") from error
