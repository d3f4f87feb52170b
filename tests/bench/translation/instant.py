"""A provider that answers at once, in the wire formats of Anthropic, Gemini and Ollama.

    python -m tests.bench.translation.instant --port N

It looks at nothing but the path and whether a stream is wanted; each event of a stream is written
on its own, in a turn of the loop of its own.
"""

import argparse
import asyncio
import json
from typing import Any

import uvloop

CHUNKS = 40
_PIECE = "some text "
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n"
_USAGE = {"input_tokens": 12, "output_tokens": CHUNKS}


def _plain(content: dict[str, Any]) -> bytes:
    body = json.dumps(content).encode()
    return _HEAD % b"application/json" + b"content-length: %d\r\n\r\n" % len(body) + body


def _chunked(kind: bytes, events: list[bytes]) -> list[bytes]:
    head = _HEAD % kind + b"transfer-encoding: chunked\r\n\r\n"
    return [head, *(b"%x\r\n%b\r\n" % (len(event), event) for event in events), b"0\r\n\r\n"]


def anthropic(*, streamed: bool) -> list[bytes]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude"}
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    if not streamed:
        content = [{"type": "text", "text": _PIECE * CHUNKS}]
        return [_plain({**message, "content": content, **end, "usage": _USAGE})]
    start = {**message, "content": [], "usage": {**_USAGE, "output_tokens": 1}}
    block = {"type": "text", "text": ""}
    delta = {"index": 0, "delta": {"type": "text_delta", "text": _PIECE}}
    events = [
        ("message_start", {"message": start}),
        ("content_block_start", {"index": 0, "content_block": block}),
        *[("content_block_delta", delta)] * CHUNKS,
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": end, "usage": {"output_tokens": CHUNKS}}),
        ("message_stop", {}),
    ]
    lines = [f"event: {k}\ndata: {json.dumps({'type': k, **c})}\n\n".encode() for k, c in events]
    return _chunked(b"text/event-stream", lines)


def gemini(*, streamed: bool) -> list[bytes]:
    usage = {"promptTokenCount": 12, "candidatesTokenCount": CHUNKS, "totalTokenCount": CHUNKS + 12}
    rest = {"usageMetadata": usage, "modelVersion": "gemini-2.5-flash", "responseId": "r1"}

    def answer(text: str, **more: str) -> dict[str, Any]:
        content = {"parts": [{"text": text}], "role": "model"}
        return {"candidates": [{"content": content, "index": 0, **more}], **rest}

    if not streamed:
        return [_plain(answer(_PIECE * CHUNKS, finishReason="STOP"))]
    answers = [*[answer(_PIECE)] * (CHUNKS - 1), answer(_PIECE, finishReason="STOP")]
    lines = [b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in answers]
    return _chunked(b"text/event-stream", lines)


def ollama(*, streamed: bool) -> list[bytes]:
    head = {"model": "llama3.2", "created_at": "2026-01-01T00:00:00Z"}
    end = {"done": True, "done_reason": "stop", "prompt_eval_count": 12, "eval_count": CHUNKS}

    def line(text: str, **more: Any) -> dict[str, Any]:
        return {**head, "message": {"role": "assistant", "content": text}, **more}

    if not streamed:
        return [_plain(line(_PIECE * CHUNKS, **end))]
    lines = [*[line(_PIECE, done=False)] * CHUNKS, line("", **end)]
    return _chunked(b"application/x-ndjson", [json.dumps(e).encode() + b"\n" for e in lines])


_MODELS = {
    b"/v1/models": {"data": [{"type": "model", "id": "claude-sonnet-4-5"}], "has_more": False},
    b"/v1beta/models": {
        "models": [
            {
                "name": "models/gemini-2.5-flash",
                "supportedGenerationMethods": ["generateContent"],
            }
        ]
    },
    b"/api/tags": {"models": [{"name": "llama3.2:latest", "model": "llama3.2:latest"}]},
}
_LISTS = {path: [_plain(content)] for path, content in _MODELS.items()}
_ANSWERS = {
    (vendor, streamed): make(streamed=streamed)
    for vendor, make in ((b"anthropic", anthropic), (b"gemini", gemini), (b"ollama", ollama))
    for streamed in (False, True)
}


class _Connection(asyncio.Protocol):
    """Requests come one after the other, each with a content-length if it has a body."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            _, found, rest = head.partition(b"content-length:")
            size = int(rest.split(b"\r\n", 1)[0]) if found else 0
            if len(self._buffer) < end + 4 + size:
                return
            body = self._buffer[end + 4 : end + 4 + size]
            self._buffer = self._buffer[end + 4 + size :]
            self._write(iter(_answer(head.split(b" ", 2)[1], body)))

    def _write(self, pieces: Any) -> None:
        piece = next(pieces, None)
        if piece is not None and not self._transport.is_closing():
            self._transport.write(piece)
            asyncio.get_running_loop().call_soon(self._write, pieces)


def _answer(target: bytes, body: bytes) -> list[bytes]:
    path = target.partition(b"?")[0]
    if path in _LISTS:
        return _LISTS[path]
    if path == b"/v1/messages":
        return _ANSWERS[b"anthropic", b'"stream":true' in body.replace(b" ", b"")]
    if path == b"/api/chat":
        return _ANSWERS[b"ollama", b'"stream":true' in body.replace(b" ", b"")]
    return _ANSWERS[b"gemini", b"streamgeneratecontent" in path]


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(_serve(parser.parse_args().port))
