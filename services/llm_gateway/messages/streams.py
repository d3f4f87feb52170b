"""A message's stream once a target has begun it: its own events, or those made of its chunks."""

from collections.abc import AsyncGenerator
from typing import Protocol, TypeVar, cast

import orjson

from services.llm_gateway.calls.dispatch import Call
from services.llm_gateway.completions.raw import parsed, report
from services.llm_gateway.dialects.deltas import read_chunk
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.messages.composer import Composer
from services.llm_gateway.messages.events import encode
from services.llm_gateway.messages.relay import MessageRelay
from services.llm_gateway.models.targets import Target
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.upstream.reply import Reply

_MARK_MISSING = "the stream ended before message_stop"


class Opened(Protocol):
    """`last` is what remains to be sent once `blocks` has ended."""

    last: bytes

    async def begin(self) -> None:
        """Wait for the first valid event."""
        ...

    def blocks(self) -> AsyncGenerator[bytes, None]: ...

    async def close(self) -> None: ...


OpenedT = TypeVar("OpenedT", bound=Opened)


async def open_stream(opened: OpenedT) -> OpenedT:
    try:
        await opened.begin()
    except BaseException:
        await opened.close()
        raise
    return opened


class Native:
    """The provider's bytes."""

    def __init__(self, target: Target, call: Call, reply: Reply) -> None:
        self._relay = MessageRelay(target.provider.traits.slug, call.meter)
        self._call = call
        self._reply = reply
        self.last = b""

    async def begin(self) -> None:
        while not self._relay.begun:
            self.last = await self._next()
            if not self._relay.begun:
                self._raise_failure()

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        try:
            while not self._relay.ended:
                if self.last:
                    yield self.last
                self._raise_failure()
                self._call.check_deadline()
                self.last = await self._next()
        except BaseException:
            self._reply.close()
            raise
        self._reply.leave()

    async def close(self) -> None:
        self._reply.close()

    async def _next(self) -> bytes:
        piece = await self._reply.some()
        if not piece and self._reply.ended:
            raise UpstreamError(self._relay.slug, 0, _MARK_MISSING, reply_lost=True)
        return self._relay.take(piece) if piece else b""

    def _raise_failure(self) -> None:
        if self._relay.failure is not None:
            raise self._relay.failure


class Converted:
    """Events made of a chat completion's chunks."""

    def __init__(self, target: Target, call: Call, composer: Composer, chat: JsonDict) -> None:
        self._target = target
        self._call = call
        self._composer = composer
        self._chunks = target.provider.stream(chat)
        self.last = b""

    async def begin(self) -> None:
        first = await anext(self._chunks, None)
        if first is not None:
            self.last = self._taken(first)

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        try:
            yield self.last
            async for data in self._chunks:
                self._call.check_deadline()
                yield self._taken(data)
        finally:
            await self._chunks.aclose()
        self.last = b"".join(map(encode, self._composer.finish()))

    async def close(self) -> None:
        await self._chunks.aclose()

    def _taken(self, data: bytes) -> bytes:
        meter, chunk = self._call.meter, parsed(self._target, data)
        report(meter, chunk)
        choices = cast("list[JsonDict]", chunk.get("choices") or [])
        meter.output_characters += sum(len(orjson.dumps(one.get("delta"))) for one in choices)
        return b"".join(map(encode, self._composer.take(read_chunk(data))))
