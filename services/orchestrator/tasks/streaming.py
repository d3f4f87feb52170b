"""A task's or session's events as a resumable SSE response."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from starlette.requests import Request
from starlette.responses import StreamingResponse

from services.kit.errors import Invalid
from services.kit.events import DONE, ServerSentEvent, sse_response
from services.orchestrator.deps import State
from services.orchestrator.engine.stream.numbering import NO_ID
from services.orchestrator.engine.stream.reader import StreamReader

_MAX_EVENT_ID = 2**63 - 1


def last_event_id(request: Request) -> int | None:
    """Where the reader goes on: Last-Event-ID, or `?after=`. Raises Invalid if not a number."""
    text = request.headers.get("Last-Event-ID") or request.query_params.get("after")
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > _MAX_EVENT_ID:
        raise Invalid("Last-Event-ID must be an event's id (a whole number).", code="bad_event_id")
    return int(text)


def stream_events(
    state: State,
    stream_id: UUID,
    *,
    after: int,
    task_id: UUID | None,
    headers: dict[str, str] | None = None,
) -> StreamingResponse:
    """Every event after `after`, each with its id, then [DONE] when the task has ended."""

    async def encoded() -> AsyncGenerator[bytes, None]:
        reader = StreamReader(state.database, state.hub, stream_id, after=after, task_id=task_id)
        async for event in reader.events():
            number = None if event.id == NO_ID else str(event.id)
            yield ServerSentEvent(data=event.payload or "{}", id=number).encode()
        yield DONE

    return sse_response(encoded(), headers=headers)


async def wait_for_end(
    state: State, stream_id: UUID, *, task_id: UUID, after: int, seconds: float
) -> None:
    """Return when the task has ended, or after `seconds`."""
    reader = StreamReader(state.database, state.hub, stream_id, after=after, task_id=task_id)
    try:
        async with asyncio.timeout(seconds):
            async for _ in reader.events():
                pass
    except TimeoutError:
        return
