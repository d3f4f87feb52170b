"""read_file: the text of a file in the workspace."""

import asyncio
import os
from codecs import getincrementaldecoder

from pydantic import Field

from services.orchestrator.tools.base import (
    FILE_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.workspace_files import explained, opened_file


class ReadFileParameters(ToolParameters):
    path: str = Field(description="File, relative to the workspace.")
    offset: int = Field(default=0, ge=0, description="Byte to begin at, for files that were cut.")


async def read_file(parameters: ReadFileParameters, context: ToolContext) -> ToolOutcome:
    return await asyncio.to_thread(_read, parameters, context)


def _read(parameters: ReadFileParameters, context: ToolContext) -> ToolOutcome:
    path, offset, limit = parameters.path, parameters.offset, context.settings.read_limit
    with opened_file(context, path) as (descriptor, status), explained(path):
        data = _read_up_to(descriptor, limit, offset)
        size = max(status.st_size, offset + len(data) if data else 0)
    if b"\0" in data:
        raise ToolError(f"{path} is a binary file of {size} bytes; only text can be read.")
    text = _decode(data, cut=offset + len(data) < size)
    if offset or len(data) < size:
        text += _note(offset, len(data), size)
    return ToolOutcome(ok=True, text=text, summary=f"{path}: {len(data)} of {size} bytes")


def _read_up_to(descriptor: int, limit: int, offset: int) -> bytes:
    parts: list[bytes] = []
    while limit > 0 and (part := os.pread(descriptor, limit, offset)):
        parts.append(part)
        limit, offset = limit - len(part), offset + len(part)
    return b"".join(parts)


def _decode(data: bytes, *, cut: bool) -> str:
    """A character that the cut divided is left out; bytes that are not UTF-8 are marked."""
    text = getincrementaldecoder("utf-8")(errors="replace").decode(data, final=not cut)
    if "\ufffd" in text and b"\xef\xbf\xbd" not in data:
        text += "\n[not all of it is UTF-8: other bytes are shown as \ufffd]"
    return text


def _note(offset: int, length: int, size: int) -> str:
    if offset == 0:
        return f"\n[cut: first {length} of {size} bytes]"
    return f"\n[cut: bytes {offset} to {offset + length} of {size}]"


TOOL = Tool(
    name="read_file",
    description="Read a text file of the workspace. Large files are cut, and a note says so.",
    category="files",
    parameters=ReadFileParameters,
    handler=read_file,
    effect=Effect.READ,
    tiers=FILE_TIERS,
)
