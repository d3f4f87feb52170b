"""The answer cache as a call uses it: kept answers, running calls to join, else a call of its own."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Literal, cast

import orjson

from services.llm_gateway.cache import forms
from services.llm_gateway.cache.flights import Flights, Work
from services.llm_gateway.cache.store import AnswerStore
from services.llm_gateway.providers.base import JsonDict

HEADER = "x-nova-cache"

Source = Literal["provider", "cache", "flight"]


@dataclass(slots=True)
class Answer:
    """An answer's pieces: chunks of a stream, or the one completion.

    `source` is sure once the first piece has come: the provider's own call, another's, or kept.
    """

    pieces: AsyncGenerator[bytes, None] = field(init=False)
    source: Source = "provider"

    @property
    def header(self) -> str:
        return "miss" if self.source == "provider" else "hit"


class AnswerCache:
    """Answers of requests that `keys.cache_key` has a key for. `seconds` is asked at each use."""

    def __init__(
        self, store: AnswerStore | None, flights: Flights, *, seconds: Callable[[], int]
    ) -> None:
        self._store = store
        self._flights = flights
        self._seconds = seconds

    @property
    def is_on(self) -> bool:
        return self._seconds() > 0

    async def answer(
        self, key: str, work: Work, *, stream: bool, keep_if: Callable[[], bool] = lambda: True
    ) -> Answer:
        """A kept answer, or that of the call which runs for this key or is begun by `work`.

        A stream's work yields each chunk's JSON and ends well only if the stream was whole; another
        yields the one completion. `keep_if` is asked once it has ended.
        """
        answer = Answer()
        kept = None if self._store is None else await self._store.get(key)
        pieces = None if kept is None else _in_form(kept, stream=stream)
        if pieces is not None:
            answer.source = "cache"
            answer.pieces = _replayed(pieces)
        else:
            answer.pieces = self._shared(answer, key, work, keep_if, stream=stream)
        return answer

    async def _shared(
        self, answer: Answer, key: str, work: Work, keep_if: Callable[[], bool], *, stream: bool
    ) -> AsyncGenerator[bytes, None]:
        name = f"{key} {'stream' if stream else 'whole'}"
        if self._flights.is_running(name):
            answer.source = "flight"

        async def keep(pieces: list[bytes]) -> None:
            if self._store is not None and keep_if() and is_keepable(pieces, stream=stream):
                tag = b"stream" if stream else b"whole"
                await self._store.put(key, [tag, *pieces], seconds=self._seconds())

        pieces = self._flights.share(name, work, then=keep)
        try:
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()


def is_keepable(pieces: list[bytes], *, stream: bool) -> bool:
    """Whether the answer is whole: it ended by itself, by its own word, and calls no tool."""
    parsed = _parsed(pieces)
    if parsed is None:
        return False
    return forms.is_whole_stream(parsed) if stream else forms.is_whole(parsed[0])


def _in_form(kept: tuple[bytes, ...], *, stream: bool) -> list[bytes] | None:
    """The pieces as they are asked for; None if they can't be given so."""
    tag, *pieces = kept
    if (tag == b"stream") == stream:
        return pieces
    parsed = _parsed(pieces)
    if parsed is None:
        return None
    if stream:
        return forms.as_chunks(parsed[0])
    whole = forms.as_completion(parsed)
    return None if whole is None else [orjson.dumps(whole)]


def _parsed(pieces: list[bytes]) -> list[JsonDict] | None:
    try:
        parsed = [orjson.loads(piece) for piece in pieces]
    except orjson.JSONDecodeError:
        return None
    if not parsed or not all(isinstance(piece, dict) for piece in parsed):
        return None
    return cast("list[JsonDict]", parsed)


async def _replayed(pieces: list[bytes]) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece
