"""Makes one round trip of what many callers want at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from services.kit.errors import DependencyDown

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class Batches(Generic[I, R]):
    """`work` gives a result for each item, in order. One batch is on its way at a time; what comes
    meanwhile makes the next, so that a caller who is alone does not wait.
    """

    def __init__(self, work: Callable[[list[I]], Awaitable[list[R]]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[I, asyncio.Future[R]]] = []
        self._running: asyncio.Future[None] | None = None

    async def put(self, item: I) -> R:
        """The item's result. Raises what `work` raised for its batch.

        A caller that is cancelled leaves its item in the batch.
        """
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._running is None:
            self._running = asyncio.ensure_future(self._run())
        return await result

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._settle(batch)
        finally:
            self._running = None
            for _, left in self._waiting:
                left.cancel()
            self._waiting = []

    async def _settle(self, batch: list[tuple[I, asyncio.Future[R]]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except BaseException as error:
            ending = isinstance(error, asyncio.CancelledError)
            failure = DependencyDown("The gateway is stopping.") if ending else error
            for _, result in batch:
                if not result.done():
                    result.set_exception(failure)
            if ending:
                raise
            return
        for (_, result), found in zip(batch, results, strict=True):
            if not result.done():
                result.set_result(found)
