"""SQL of the fence: each frequent write of a run is one statement, which is its own transaction; the
others lock the row first.
"""

from dataclasses import dataclass
from uuid import UUID

from services.kit.db import Connection, Scalar

# The task's row is locked first: what the rest does, and the events, hang on `held`, which is empty
# if another has taken the task over, also while the lock was waited for.
_FENCE = """
    WITH held AS (
        SELECT id FROM tasks WHERE id = $1 AND attempt = $2 AND holder IS NOT NULL FOR UPDATE
    ), stored AS (
        INSERT INTO stream_events
            (stream_id, first_id, last_id, previous_id, task_id, kind, payload)
        SELECT $3::uuid, event.first_id, event.last_id, event.previous_id, held.id, event.kind,
            event.payload
        FROM held, jsonb_to_recordset($4::jsonb) AS event (
            first_id bigint, last_id bigint, previous_id bigint, kind text, payload jsonb)
        ON CONFLICT (stream_id, first_id) DO NOTHING
    ) {writes}
    SELECT EXISTS (SELECT FROM held) AS held
"""


class Fenced(Scalar[bool]):
    """A write of a run with its events: true, or false if the task is not held any more.

    `writes` is ", name AS (…)" for each part. $1 to $4 are the task, its attempt, its stream and
    the rows of its events; the write's own parameters begin with $5. Done again, after a commit
    that was not heard of, it must change nothing.
    """

    def __init__(self, writes: str) -> None:
        super().__init__(bool, _FENCE.format(writes=writes))


@dataclass(frozen=True, slots=True)
class Change:
    """A fenced write and its own parameters, for TaskRun.put."""

    statement: Fenced
    parameters: tuple[object, ...] = ()


_LOCK_HELD = Scalar(
    bool,
    """
    SELECT true AS held FROM tasks
    WHERE id = $1 AND attempt = $2 AND holder IS NOT NULL
    FOR UPDATE
    """,
)


async def lock_held(connection: Connection, task_id: UUID, *, attempt: int) -> bool:
    """Lock the task's row if `attempt` still holds it: the fence of every write of a run."""
    return await _LOCK_HELD.get(connection, task_id, attempt) is True
