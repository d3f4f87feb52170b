"""The local model as the gateway uses it: any number of callers, one process."""

import asyncio
import importlib.util
import time
from collections.abc import Sequence
from pathlib import Path

from services.kit.log import get_logger
from services.llm_gateway.embeddings.local import files
from services.llm_gateway.embeddings.local.process import (
    CannotStart,
    EndedEarly,
    ModelProcess,
    ProcessEnded,
)
from services.llm_gateway.embeddings.local.queue import (
    Embedded,
    Frame,
    Request,
    Waiting,
    fail,
    settle,
)
from services.llm_gateway.errors import ProviderDown

_log = get_logger(__name__)
_MOST_WAITING = 20_000
_RUNTIME = ("numpy", "onnxruntime", "tokenizers")
_VECTOR_BYTES = files.DIMENSIONS * 4
_FAILED_SECONDS = 30.0


class LocalModel:
    """`keep_serving` must run beside the callers of `embed`."""

    def __init__(self, folder: Path, *, threads: int, idle_seconds: float) -> None:
        self._folder = folder
        self._idle_seconds = idle_seconds
        self._process = ModelProcess(folder, threads=threads)
        self._waiting = Waiting()
        self._work = asyncio.Event()
        self._failure = ""
        self._failed_until = 0.0
        self._runtime_found = False

    @property
    def pid(self) -> int | None:
        """Of its process, while there is one."""
        return self._process.pid

    def missing(self) -> str | None:
        """What is not installed."""
        # Looked for until found: it takes longer than a short text's embedding, and each call asks.
        if not self._runtime_found:
            for package in _RUNTIME:
                if importlib.util.find_spec(package) is None:
                    return f"the Python package {package} is not installed; scripts/up installs it"
            self._runtime_found = True
        return files.problem(self._folder)

    def failure(self) -> str | None:
        """Why it could not be started a moment ago."""
        return self._failure if time.monotonic() < self._failed_until else None

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """One vector per text, in order. Raises ProviderDown."""
        if (failure := self.failure()) is not None:
            raise ProviderDown(f"The local embedding model does not work: {failure}.")
        if len(self._waiting) + len(texts) > _MOST_WAITING:
            raise ProviderDown(
                f"The local embedding model has {len(self._waiting)} texts to embed before these."
            )
        if not texts:
            return Embedded([], [])
        request = Request(texts, asyncio.get_running_loop().create_future())
        self._waiting.add(request)
        self._work.set()
        return await request.answer

    async def keep_serving(self) -> None:
        """Until cancelled. No process is left behind."""
        try:
            while True:
                await self._wait_for_work()
                while frame := self._waiting.next_frame():
                    await self._serve(frame)
        finally:
            fail(self._waiting.take_all(), ProviderDown("The gateway is shutting down."))
            await self._process.stop()

    async def _wait_for_work(self) -> None:
        try:
            async with asyncio.timeout(self._idle_seconds if self._process.is_running else None):
                await self._work.wait()
        except TimeoutError:
            _log.info("local embedding model ended", reason="it was not used for a while")
            await self._process.stop()
        self._work.clear()

    async def _serve(self, frame: Frame) -> None:
        """Embed it. A process that dies in the middle gets one successor."""
        requests = [request for request, _ in frame]
        try:
            body, tokens = await self._ask_twice([text for _, text in frame])
        except (CannotStart, EndedEarly) as error:
            self._failure, self._failed_until = str(error), time.monotonic() + _FAILED_SECONDS
            _log.error("local embedding model can't start", reason=str(error))
            down = ProviderDown(f"The local embedding model does not work: {error}.")
            fail([*requests, *self._waiting.take_all()], down)
        except ProcessEnded as error:
            fail(requests, ProviderDown(f"The local embedding model failed twice: {error}."))
        except BaseException:
            fail(requests, ProviderDown("The gateway is shutting down."))
            raise
        else:
            starts = range(0, len(body), _VECTOR_BYTES)
            settle(frame, [body[start : start + _VECTOR_BYTES] for start in starts], tokens)

    async def _ask_twice(self, texts: Sequence[str]) -> tuple[bytes, list[int]]:
        try:
            return await self._process.ask(texts)
        except ProcessEnded as error:
            _log.warning("local embedding model is started again", reason=str(error))
            return await self._process.ask(texts)
