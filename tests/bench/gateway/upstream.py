"""A model server that answers at once: `python -m tests.bench.gateway.upstream PORT [delay_ms]`.

Every answer is made once, before the first request. A stream goes out with a write for each chunk,
each in its own turn of the loop, as a model's server sends them; `delay_ms` is what lies between
two of them, and before a plain answer.
"""

import asyncio
import sys
from typing import cast

import orjson
import uvloop

CHUNKS = 40
MODEL = "bench-model"
_HEAD = {"id": "chatcmpl-1", "created": 1700000000, "model": MODEL}
_USAGE = {"prompt_tokens": 12, "completion_tokens": CHUNKS, "total_tokens": 12 + CHUNKS}


def _plain() -> bytes:
    message = {"role": "assistant", "content": "word " * CHUNKS, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = {**_HEAD, "object": "chat.completion", "choices": [choice], "usage": _USAGE}
    return _whole(orjson.dumps(body))


def _whole(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


def _chunk(choices: list[object], usage: object) -> bytes:
    body = {**_HEAD, "object": "chat.completion.chunk", "choices": choices, "usage": usage}
    data = b"data: " + orjson.dumps(body) + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def _stream(*, with_usage: bool) -> list[bytes]:
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    choice = {"index": 0, "delta": {"content": "word "}, "logprobs": None, "finish_reason": None}
    last = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    parts = [_chunk([choice], None) for _ in range(CHUNKS)]
    parts[0] = head + parts[0]
    parts.append(_chunk([last], None))
    if with_usage:
        parts.append(_chunk([], _USAGE))
    parts.append(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
    return parts


PLAIN = _plain()
STREAM = _stream(with_usage=False)
STREAM_WITH_USAGE = _stream(with_usage=True)
MODELS = _whole(orjson.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))


class Answering(asyncio.Protocol):
    """One connection; its requests come one after the other."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self._loop = asyncio.get_running_loop()
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return
        length = 0
        head = self._data[:end].lower()
        place = head.find(b"content-length:")
        if place >= 0:
            length = int(head[place + 15 :].split(b"\r\n", 1)[0])
        if len(self._data) < end + 4 + length:
            return
        body, self._data = self._data[end + 4 :], b""
        self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"get "):
            self._transport.write(MODELS)
        elif b'"stream":true' not in body:
            self._later(self._transport.write, PLAIN)
        else:
            self._next(STREAM_WITH_USAGE if b'"include_usage":true' in body else STREAM, 0)

    def _next(self, parts: list[bytes], number: int) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(parts[number])
        if number + 1 < len(parts):
            self._later(self._next, parts, number + 1)

    def _later(self, work: object, *arguments: object) -> None:
        if self._delay:
            self._loop.call_later(self._delay, work, *arguments)  # type: ignore[arg-type]
        else:
            self._loop.call_soon(work, *arguments)  # type: ignore[arg-type]


async def _serve(port: int, delay_seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: Answering(delay_seconds), "127.0.0.1", port, backlog=1024
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), float((sys.argv[2:] or ["0"])[0]) / 1000))
