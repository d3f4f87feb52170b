"""What crosses the pipes between the gateway and the local model's process.

A frame is two lengths, a JSON head, and a body of raw float32 numbers (in an answer only). The head
of a question is a list of texts, that of an answer an object: `tokens` by text, or `error`. The
process's first frame says `ready`, or why it is not.
"""

import asyncio
import struct
from typing import Any, BinaryIO, cast

import orjson

_LENGTHS = struct.Struct("<II")


def pack(head: object, body: bytes = b"") -> bytes:
    encoded = orjson.dumps(head)
    return _LENGTHS.pack(len(encoded), len(body)) + encoded + body


async def receive(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """An answer. Raises IncompleteReadError when the process has ended."""
    head, body = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    parsed = cast("dict[str, Any]", orjson.loads(await reader.readexactly(head)))
    return parsed, await reader.readexactly(body)


def read_question(file: BinaryIO) -> list[str] | None:
    """The next texts; None once the gateway has closed its end."""
    lengths = file.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, _ = _LENGTHS.unpack(lengths)
    encoded = file.read(head)
    return cast("list[str]", orjson.loads(encoded)) if len(encoded) == head else None
