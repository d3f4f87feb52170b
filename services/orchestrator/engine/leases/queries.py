"""SQL of claiming, holding and giving up tasks; every time is PostgreSQL's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A task as its new holder gets it."""

    id: UUID
    kind: str
    queue: str
    status: str
    stream_id: UUID
    session_id: UUID | None
    agent_id: UUID | None
    pod_id: UUID | None
    pod_name: str | None
    key_id: UUID | None
    root_task_id: UUID | None
    depth: int
    priority: int
    user_input: str
    input: dict[str, Any]
    metadata: dict[str, Any]
    flags: list[str]
    checkpoint: dict[str, Any]
    current_stage: str | None
    attempt: int
    retry_count: int
    max_retries: int
    cancel_requested: bool
    snapshot: str | None
    policy_version: int | None
    budgets: Any
    queued_at: datetime
    started_at: datetime


@dataclass(frozen=True, slots=True)
class FreshClaim(ClaimedTask):
    """With the place of its stream: the ids after `reserved_to` are reserved, `last_id` is the last
    stored one that the claim could see. `missed`: there is a task, and nothing else is known of it.
    """

    reserved_to: int
    last_id: int
    missed: bool


# next_claimable knows the limits of pods and keys and the order within a session. All in one
# statement, which is its own transaction: a worker claims at each wake-up, and often finds nothing.
_CLAIM = Query(
    FreshClaim,
    """
    WITH wanted AS MATERIALIZED (
        SELECT next_claimable($1) AS id
    ), claimed AS (
        UPDATE tasks SET
            status = CASE WHEN kind = 'pipeline'
                THEN coalesce(checkpoint ->> 'status', 'context_running') ELSE 'task_running' END,
            holder = $2, boot_id = $3, attempt = attempt + 1,
            lease_until = clock_timestamp() + make_interval(secs => $4),
            started_at = coalesce(started_at, clock_timestamp()),
            policy_version = coalesce(policy_version, (SELECT max(version) FROM policies))
        WHERE id = (SELECT id FROM wanted)
        RETURNING id, kind, queue, status, stream_id, session_id, agent_id, pod_id, pod_name,
            key_id, root_task_id, depth, priority, user_input, input, metadata, flags, checkpoint,
            current_stage, attempt, retry_count, max_retries, snapshot, policy_version,
            cancel_requested_at IS NOT NULL AS cancel_requested, task_budgets(id) AS budgets,
            queued_at, started_at
    ), reserved AS (
        UPDATE streams SET reserved_to = reserved_to + $5 FROM claimed
        WHERE streams.id = claimed.stream_id RETURNING streams.reserved_to - $5 AS reserved_to
    )
    SELECT claimed.*, reserved.reserved_to, coalesce((
        SELECT last_id FROM stream_events WHERE stream_events.stream_id = claimed.stream_id
        ORDER BY last_id DESC LIMIT 1), 0) AS last_id, claimed.id IS NULL AS missed
    FROM wanted LEFT JOIN (claimed CROSS JOIN reserved) ON true WHERE wanted.id IS NOT NULL
    """,
)


async def claim(
    connection: Connection,
    queue: str,
    *,
    holder: str,
    boot_id: UUID,
    lease_seconds: float,
    ids: int,
) -> FreshClaim | None:
    """Take the best claimable task of `queue` and reserve so many ids of its stream; or None."""
    while True:
        found = await _CLAIM.first(connection, queue, holder, boot_id, lease_seconds, ids)
        # The function sees a task that was queued after the statement began, which the statement
        # itself does not: the next one does.
        if found is None or not found.missed:
            return found


_AS_CLAIMED = Query(
    ClaimedTask,
    """
    SELECT id, kind, queue, status, stream_id, session_id, agent_id, pod_id, pod_name, key_id,
        root_task_id, depth, priority, user_input, input, metadata, flags, checkpoint,
        current_stage, attempt, retry_count, max_retries, snapshot, policy_version, queued_at,
        cancel_requested_at IS NOT NULL AS cancel_requested, task_budgets(id) AS budgets, started_at
    FROM tasks WHERE id = $1 AND started_at IS NOT NULL
    """,
)


async def as_claimed(connection: Connection, task_id: UUID) -> ClaimedTask | None:
    """A task as its last holder got it, for who only looks; None if nobody ever held it."""
    return await _AS_CLAIMED.first(connection, task_id)


# Children before their parents, which is the order in which a task's end locks them.
_EXTEND = Scalar(
    UUID,
    """
    UPDATE tasks SET lease_until = clock_timestamp() + make_interval(secs => $3)
    WHERE id IN (
        SELECT id FROM tasks WHERE holder = $1 AND boot_id = $2 AND id = ANY($4)
        ORDER BY depth DESC, id FOR NO KEY UPDATE)
    RETURNING id
    """,
)


async def extend(
    connection: Connection,
    holder: str,
    *,
    boot_id: UUID,
    lease_seconds: float,
    task_ids: list[UUID],
) -> list[UUID]:
    """Prolong the leases; the ids of those that are still held."""
    return await _EXTEND.all(connection, holder, boot_id, lease_seconds, task_ids)


_CANCELLED_AMONG = Scalar(
    UUID,
    """
    SELECT id FROM tasks WHERE id = ANY($1) AND (cancel_requested_at IS NOT NULL OR EXISTS (
        SELECT FROM tasks AS parent WHERE parent.id = tasks.parent_task_id
            AND (parent.cancel_requested_at IS NOT NULL
                OR parent.status IN ('complete', 'failed', 'cancelled'))))
    """,
)


async def cancelled_among(connection: Connection, task_ids: list[UUID]) -> list[UUID]:
    """Those that a person has cancelled, and those whose parent goes on no more."""
    return await _CANCELLED_AMONG.all(connection, task_ids)


_HAND_BACK = Statement(
    """
    UPDATE tasks SET status = 'queued', holder = NULL, boot_id = NULL, lease_until = NULL,
        available_at = clock_timestamp()
    WHERE id = $1 AND attempt = $2 AND holder IS NOT NULL
    """
)


async def hand_back(connection: Connection, task_id: UUID, *, attempt: int) -> bool:
    """Give a task up so that another worker goes on with it at once; costs no retry."""
    return await _HAND_BACK.run(connection, task_id, attempt) == 1


_GIVE_BACK_UNHELD = Statement(
    """
    UPDATE tasks SET status = 'queued', holder = NULL, boot_id = NULL, lease_until = NULL,
        available_at = clock_timestamp()
    WHERE holder = $1 AND boot_id = $2 AND id <> ALL($3::uuid[])
    """
)


async def give_back_unheld(
    connection: Connection, holder: str, *, boot_id: UUID, held: list[UUID]
) -> int:
    """Give up what a boot holds besides `held`; how many tasks. Costs no retry."""
    return await _GIVE_BACK_UNHELD.run(connection, holder, boot_id, held)


@dataclass(frozen=True, slots=True)
class DroppedTask:
    """A task whose holder is gone; `dead` when it has used up its retries."""

    id: UUID
    queue: str
    stream_id: UUID
    retry_count: int
    dead: bool


_RELEASE = """
    UPDATE tasks SET
        status = CASE WHEN retry_count >= max_retries THEN 'failed' ELSE 'queued' END,
        dead_lettered_at = CASE WHEN retry_count >= max_retries THEN clock_timestamp() END,
        completed_at = CASE WHEN retry_count >= max_retries THEN clock_timestamp() END,
        error = CASE WHEN retry_count >= max_retries
            THEN 'gave up after ' || (retry_count + 1) || ' tries; the last one: ' || $1
            ELSE error END,
        retry_count = least(retry_count + 1, max_retries),
        holder = NULL, boot_id = NULL, lease_until = NULL,
        available_at = clock_timestamp() + make_interval(secs => $2)
    WHERE id IN (SELECT id FROM tasks WHERE {condition} FOR UPDATE SKIP LOCKED)
    RETURNING id, queue, stream_id, retry_count, status = 'failed' AS dead
    """

# A starting worker knows that an earlier boot of its own name is dead: its keeper saw it end.
_FREE_EARLIER_BOOTS = Query(DroppedTask, _RELEASE.format(condition="holder = $3 AND boot_id <> $4"))
# Two seconds after the lease: by then the holder's own supervisor has killed what it ran.
_REAP = Query(
    DroppedTask,
    _RELEASE.format(condition="lease_until < clock_timestamp() - make_interval(secs => $3)"),
)
_RETRY_LATER = Query(
    DroppedTask, _RELEASE.format(condition="id = $3 AND attempt = $4 AND holder IS NOT NULL")
)


async def free_earlier_boots(
    connection: Connection, holder: str, *, boot_id: UUID
) -> list[DroppedTask]:
    reason = "its worker ended in the middle of it"
    return await _FREE_EARLIER_BOOTS.all(connection, reason, 0.0, holder, boot_id)


async def reap(connection: Connection, *, grace_seconds: float) -> list[DroppedTask]:
    """Take tasks from holders whose lease ran out."""
    reason = "its worker stopped answering"
    return await _REAP.all(connection, reason, 0.0, grace_seconds)


async def retry_later(
    connection: Connection, task_id: UUID, *, attempt: int, reason: str, wait_seconds: float
) -> DroppedTask | None:
    """Queue the task again after `wait_seconds`, or dead-letter it."""
    return await _RETRY_LATER.first(connection, reason, wait_seconds, task_id, attempt)


_UNFINISHED_QUEUES = Scalar(
    str,
    """
    SELECT DISTINCT queue FROM tasks
    WHERE status = 'queued' AND available_at <= clock_timestamp()
    """,
)


async def queues_with_work(connection: Connection) -> list[str]:
    return await _UNFINISHED_QUEUES.all(connection)


# What a task's end could not reach, since somebody else had the row just then, is done here.
_WAKE_WAITING = Scalar(
    str,
    """
    UPDATE tasks SET status = 'queued', available_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM tasks WHERE status = 'submitted' AND NOT awaits_something(id)
        FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING queue
    """,
)
_CANCEL_ORPHANS = Statement(
    """
    UPDATE tasks SET status = 'cancelled', error = 'cancelled', pending = NULL,
        cancel_requested_at = clock_timestamp(), completed_at = clock_timestamp()
    WHERE id IN (
        SELECT child.id FROM tasks AS child JOIN tasks AS parent
            ON parent.id = child.parent_task_id
        WHERE child.parent_task_id IS NOT NULL AND child.holder IS NULL
            AND child.status NOT IN ('complete', 'failed', 'cancelled')
            AND parent.status IN ('complete', 'failed', 'cancelled')
        FOR NO KEY UPDATE OF child SKIP LOCKED)
    """
)


async def wake_waiting(connection: Connection) -> list[str]:
    """Queue waiting tasks that have nothing left to wait for; the queues of those."""
    return await _WAKE_WAITING.all(connection)


async def cancel_orphans(connection: Connection) -> int:
    """End children that nobody holds and whose parent has ended; how many."""
    return await _CANCEL_ORPHANS.run(connection)
