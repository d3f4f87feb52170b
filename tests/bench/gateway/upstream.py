"""A small model server: `python -m tests.bench.gateway.upstream PORT [delay_ms]`.

An ordinary one: each request is parsed (httptools) and its body read as JSON, each answer and each
chunk is made anew, and a stream goes out with a write for each chunk, each in its own turn of the
loop. It thinks for no time; `delay_ms` is what lies between two chunks, and before a plain answer.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Any, cast
from uuid import uuid4

import httptools
import orjson
import uvloop

CHUNKS = 40
MODEL = "bench-model"
_USAGE = {"prompt_tokens": 12, "completion_tokens": CHUNKS, "total_tokens": 12 + CHUNKS}
_MODELS = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
_PLAIN_HEAD = (
    b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"openai-processing-ms: 1\r\nx-request-id: %b\r\n\r\n"
)
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
    b"openai-processing-ms: 1\r\nx-request-id: %b\r\ntransfer-encoding: chunked\r\n\r\n"
)


def _whole(status: bytes, body: object) -> bytes:
    data = orjson.dumps(body)
    return _PLAIN_HEAD % (status, len(data), uuid4().hex.encode()) + data


def _answer(asked: dict[str, Any]) -> bytes:
    message = {"role": "assistant", "content": "word " * CHUNKS, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = {**_head(asked, "chat.completion"), "choices": [choice], "usage": _USAGE}
    return _whole(b"200 OK", body)


def _head(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    name = f"chatcmpl-{uuid4().hex}"
    return {"id": name, "object": kind, "created": int(time.time()), "model": asked["model"]}


def _chunks(asked: dict[str, Any]) -> Iterator[bytes]:
    """A stream's parts, as they are written."""
    options: dict[str, Any] = asked.get("stream_options") or {}
    with_usage = bool(options.get("include_usage"))
    usage: dict[str, Any] = {"usage": None} if with_usage else {}
    head = {**_head(asked, "chat.completion.chunk"), **usage}
    started = _STREAM_HEAD % uuid4().hex.encode()
    for number in range(CHUNKS + 1):
        is_last = number == CHUNKS
        choice = {
            "index": 0,
            "delta": {} if is_last else {"content": "word "},
            "logprobs": None,
            "finish_reason": "stop" if is_last else None,
        }
        yield started + _event(orjson.dumps({**head, "choices": [choice]}))
        started = b""
    if with_usage:
        yield _event(orjson.dumps({**head, "choices": [], "usage": _USAGE}))
    yield _event(b"[DONE]") + b"0\r\n\r\n"


def _event(data: bytes) -> bytes:
    return b"%x\r\ndata: %b\n\n\r\n" % (len(data) + 8, data)


class Answering(asyncio.Protocol):
    """One connection; its requests come one after the other."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._start()

    def _start(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        body, method = self._body, self._parser.get_method()
        is_known = b"authorization" in self._headers
        self._start()
        if method == b"GET":
            self._transport.write(_whole(b"200 OK", _MODELS))
            return
        asked = orjson.loads(body)
        if not is_known:
            refusal = {"error": {"message": "no key", "type": "invalid_request_error"}}
            self._transport.write(_whole(b"401 Unauthorized", refusal))
        elif asked.get("stream"):
            self._next(_chunks(asked))
        else:
            self._later(self._transport.write, _answer(asked))

    def _next(self, parts: Iterator[bytes]) -> None:
        part = next(parts, None)
        if part is None or self._transport.is_closing():
            return
        self._transport.write(part)
        self._later(self._next, parts)

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
