"""Background work whose failures surface: named tasks, and loops that are started again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

from services.kit.errors import DependencyDown
from services.kit.log import get_logger

_log = get_logger(__name__)
_RESTART_SECONDS = 1.0
_ASK_AGAIN_SECONDS = 1.0

T = TypeVar("T")


async def cancel_and_wait(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks and return when all have ended.

    Until Python 3.12 asyncio.wait_for swallows a cancellation that comes just when its work has
    ended; redis-py and asyncpg use it in every call. So whoever does not end is asked again.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_ASK_AGAIN_SECONDS)


class Supervisor:
    """Owns a process's background tasks; leaving its context cancels and awaits them all."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def start(self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Run `work` beside the caller; an error that nobody awaits is logged with its stack."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def keep_running(self, work: Callable[[], Awaitable[None]], *, name: str) -> None:
        """Run `work` again and again until the end; after an error, a second later."""
        self.start(self._keep(work, name), name=name)

    async def stop(self) -> None:
        await cancel_and_wait(task for task in self._tasks if task is not asyncio.current_task())

    async def _keep(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        while True:
            try:
                await work()
                await asyncio.sleep(0)  # work that never waits must not keep all else from running
            except DependencyDown as error:
                _log.warning("background work waits", work=name, reason=error.detail)
                await asyncio.sleep(_RESTART_SECONDS)
            except Exception:  # noqa: BLE001 - the job runner's edge: log the stack, go on
                _log.exception("background work failed", work=name)
                await asyncio.sleep(_RESTART_SECONDS)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background task failed", work=task.get_name(), exc_info=error)
