"""The events of a task's stream, as SSE sends them; each travels with its id beside it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Answer


class DeltaEvent(Answer):
    """Text; the one event without a type, so that the simplest client works."""

    delta: str


class MetaEvent(Answer):
    type: Literal["meta"] = "meta"
    model: str
    category: str | None = None
    session_id: UUID | None
    task_id: UUID


class ToolCallEvent(Answer):
    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: dict[str, Any]


class ToolResultEvent(Answer):
    type: Literal["tool_result"] = "tool_result"
    id: str
    name: str
    ok: bool
    summary: str


class RewindEvent(Answer):
    """Text after `to` is void: its model call is made again."""

    type: Literal["rewind"] = "rewind"
    to: int


class UsageEventMessage(Answer):
    """`cost_usd` is None when a price was unknown."""

    type: Literal["usage"] = "usage"
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


class ErrorEvent(Answer):
    type: Literal["error"] = "error"
    detail: str
    code: str


class StatusEvent(Answer):
    """The task's state changed; `pending` says for what it waits."""

    type: Literal["status"] = "status"
    status: str
    current_stage: str | None = None
    pending: dict[str, Any] | None = None


class StageEvent(Answer):
    type: Literal["stage"] = "stage"
    stage: str
    status: Literal["started", "completed", "failed", "skipped"]
    round: int = 1
    detail: str | None = None


class FindingEvent(Answer):
    type: Literal["finding"] = "finding"
    category: str
    severity: str
    title: str


class VerdictEvent(Answer):
    type: Literal["verdict"] = "verdict"
    stage: str
    verdict: str
    summary: str


class ArtifactEvent(Answer):
    type: Literal["artifact"] = "artifact"
    id: UUID
    kind: str
    name: str


TypedEvent = Annotated[
    MetaEvent
    | ToolCallEvent
    | ToolResultEvent
    | RewindEvent
    | UsageEventMessage
    | ErrorEvent
    | StatusEvent
    | StageEvent
    | FindingEvent
    | VerdictEvent
    | ArtifactEvent,
    Field(discriminator="type"),
]
StreamEvent = DeltaEvent | TypedEvent
