"""The gateway's log of requests, as the administrator reads it."""

from typing import Any
from uuid import UUID

from contracts.base import Answer, Timestamp


class LoggedRequest(Answer):
    """`status` is None if the client left before it was answered; `redacted` counts what was masked;
    `note` says why a body is not there.
    """

    id: UUID
    created_at: Timestamp
    request_id: str
    path: str
    model: str | None
    status: int | None
    duration_ms: int
    caller: str
    key_id: UUID | None
    task_id: UUID | None
    request_bytes: int
    answer_bytes: int
    redacted: int
    note: str


class LoggedRequestDetail(LoggedRequest):
    """`answer` of a stream is `{events, texts, …}`: its texts put together by their place."""

    request: Any
    answer: Any


class DeletedRequests(Answer):
    deleted: int
