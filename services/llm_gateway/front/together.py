"""Passes on what a source has ready, all of it at once, before it has to wait for more."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from typing import Any, Generic, TypeVar

from services.kit.errors import NovaError

T = TypeVar("T")

_MOST_AT_ONCE = 200


async def pass_on(
    source: AsyncGenerator[T, None],
    write: Callable[[list[T]], Awaitable[None]],
    *,
    first: Sequence[T] = (),
) -> list[T]:
    """Give `write` the source's pieces in order, those that are ready together in one list.

    `first` was taken from the source before. What was ready when it ended is returned, to be sent
    with the end. Of a source that fails, what it gave before is written. It is the caller's to
    close.
    """
    ready = list(first)

    async def flush() -> None:
        nonlocal ready
        if ready:
            pieces, ready = ready, []
            await write(pieces)

    while True:
        try:
            piece = await _Next(source, flush)
        except StopAsyncIteration:
            return ready
        except NovaError:
            await flush()
            raise
        ready.append(piece)  # not before: flush makes a new list
        if len(ready) >= _MOST_AT_ONCE:
            await flush()


class _Next(Generic[T]):
    """Await it for the source's next piece; `flush` runs first if the source has to wait.

    It steps the source itself, as await does, for only so it sees whether there is a wait.
    """

    __slots__ = ("_flush", "_source")

    def __init__(
        self, source: AsyncGenerator[T, None], flush: Callable[[], Awaitable[None]]
    ) -> None:
        self._source = source
        self._flush = flush

    def __await__(self) -> Generator[Any, Any, T]:
        step: Any = self._source.__anext__()
        try:
            awaited = step.send(None)
        except StopIteration as found:
            return found.value
        failure: BaseException | None = None
        try:
            yield from self._flush().__await__()
        except BaseException as error:  # noqa: BLE001 - it is thrown into the source, which waits
            failure = error
        while True:
            if failure is None:
                try:
                    yield awaited
                except BaseException as error:  # noqa: BLE001 - as above: a cancellation
                    failure = error
            try:
                awaited = step.send(None) if failure is None else step.throw(failure)
            except StopIteration as found:
                return found.value
            failure = None
