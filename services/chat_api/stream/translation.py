"""From a session's events to the messages that a client gets."""

from typing import Any
from uuid import UUID

from contracts.events import (
    DeltaEvent,
    ErrorEvent,
    MetaEvent,
    RewindEvent,
    StatusEvent,
    ToolCallEvent,
    ToolResultEvent,
    UsageEventMessage,
)
from services.kit.clients.orchestrator import NumberedEvent

_ENDED = frozenset({"complete", "failed", "cancelled"})

SocketAnswer = dict[str, Any]


class Translation:
    """Remembers a turn's usage until its end, which carries it."""

    def __init__(self, session_id: UUID) -> None:
        self._session_id = str(session_id)
        self._usage: UsageEventMessage | None = None

    def of(self, numbered: NumberedEvent) -> SocketAnswer | None:
        """The message for one event; None for what clients are not told."""
        content = self._content(numbered)
        if content is None:
            return None
        return {**content, "session_id": self._session_id, "seq": numbered.id}

    def _content(self, numbered: NumberedEvent) -> SocketAnswer | None:
        content: SocketAnswer | None = None
        match numbered.event:
            case DeltaEvent(delta=delta):
                content = {"type": "stream_chunk", "delta": delta}
            case ToolCallEvent() | ToolResultEvent() as event:
                content = event.model_dump(mode="json")
            case RewindEvent(to=place):
                content = {"type": "stream_rewind", "to": place}
            case UsageEventMessage() as usage:
                self._usage = usage
            case ErrorEvent(detail=detail, code=code):
                content = {"type": "error", "content": detail, "code": code}
            case MetaEvent() as meta:
                content = {**meta.model_dump(mode="json"), "type": "system"}
            case StatusEvent() as status:
                content = self._status(status)
            case _:  # stages, findings, verdicts and artifacts belong to pipeline tasks
                pass
        return content

    def _status(self, status: StatusEvent) -> SocketAnswer:
        if status.status not in _ENDED:
            return {"type": "system", "status": status.status, "pending": status.pending}
        usage, self._usage = self._usage, None
        return {
            "type": "stream_end",
            "status": status.status,
            "usage": usage and usage.model_dump(mode="json", exclude={"type"}),
        }
