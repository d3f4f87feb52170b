"""SQL of calls of external agents."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Statement


@dataclass(frozen=True, slots=True)
class CallRow:
    """`output` is the result when done, the reason when failed."""

    id: UUID
    state: str
    output: str | None


_FIND = Query(CallRow, "SELECT id, state, output FROM remote_calls WHERE id = $1")
_BEGIN = Statement(
    """
    INSERT INTO remote_calls (id, task_id, endpoint_id, state) VALUES ($1, $2, $3, 'sending')
    ON CONFLICT (id) DO NOTHING
    """
)
_UPDATE = Statement(
    """
    UPDATE remote_calls SET state = $2, remote = $3, output = $4,
        poll_at = clock_timestamp() + make_interval(secs => $5), polls = polls + 1
    WHERE id = $1 AND state IN ('sending', 'waiting')
    """
)


async def find_call(connection: Connection, call_id: UUID) -> CallRow | None:
    return await _FIND.first(connection, call_id)


async def begin_call(
    connection: Connection, call_id: UUID, *, task_id: UUID, endpoint_id: UUID
) -> None:
    """Write that it is about to be sent."""
    await _BEGIN.run(connection, call_id, task_id, endpoint_id)


async def update_call(
    connection: Connection,
    call_id: UUID,
    *,
    state: str,
    remote: dict[str, Any],
    output: str | None,
    poll_seconds: float,
) -> None:
    """Write how far it is; what has ended stays as it is."""
    await _UPDATE.run(connection, call_id, state, remote, output, poll_seconds)


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call to be looked after; the endpoint's fields are None when it was deleted."""

    id: UUID
    task_id: UUID
    queue: str
    remote: dict[str, Any]
    polls: int
    task_ended: bool
    too_old: bool
    name: str | None
    url: str | None
    auth_token: str | None
    protocol: str | None
    output_schema: dict[str, Any] | None
    enabled: bool | None
    endpoint_id: UUID | None


# Whoever takes a call pushes its time on first: nobody else looks at it until then.
_TAKE_DUE = Query(
    DueCall,
    """
    WITH due AS (
        SELECT call.id, task.queue,
            task.status IN ('complete', 'failed', 'cancelled') AS task_ended
        FROM remote_calls AS call JOIN tasks AS task ON task.id = call.task_id
        WHERE call.state = 'waiting' AND call.poll_at <= clock_timestamp()
        ORDER BY call.poll_at LIMIT $1 FOR NO KEY UPDATE OF call SKIP LOCKED
    ), taken AS (
        UPDATE remote_calls SET poll_at = clock_timestamp() + make_interval(secs => $2)
        FROM due WHERE remote_calls.id = due.id
        RETURNING remote_calls.id, task_id, endpoint_id, remote, polls, due.queue, due.task_ended,
            remote_calls.created_at < now() - interval '24 hours' AS too_old
    )
    SELECT taken.id, taken.task_id, taken.queue, taken.remote, taken.polls, taken.task_ended,
        taken.too_old, endpoint.name, endpoint.url, endpoint.auth_token, endpoint.protocol,
        endpoint.output_schema, endpoint.enabled, taken.endpoint_id
    FROM taken LEFT JOIN agent_endpoints AS endpoint ON endpoint.id = taken.endpoint_id
    """,
)
_DROP = Statement("DELETE FROM remote_calls WHERE id = $1")


async def take_due(connection: Connection, *, limit: int, hold_seconds: float) -> list[DueCall]:
    """Calls to look at now, each for `hold_seconds` nobody else's."""
    return await _TAKE_DUE.all(connection, limit, hold_seconds)


async def drop_call(connection: Connection, call_id: UUID) -> None:
    await _DROP.run(connection, call_id)
