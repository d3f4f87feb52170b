"""SQL of forks: a new task, with copies of what the old one had come to before a step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement

FORK_ATTEMPT = 1
"""What was taken over stands in the journal as if a first attempt had made it."""


@dataclass(frozen=True, slots=True)
class OriginRow:
    """The task that is forked off, as far as its fork goes by it."""

    id: UUID
    kind: str
    status: str
    pod_id: UUID | None
    pod_name: str | None
    user_input: str
    metadata: dict[str, Any]
    checkpoint: dict[str, Any]
    snapshot: str | None


# It neither goes on nor is it deleted while it is copied.
_LOCK_ORIGIN = Query(
    OriginRow,
    """
    SELECT id, kind, status, pod_id, pod_name, user_input, metadata, checkpoint, snapshot
    FROM tasks WHERE id = $1 FOR SHARE
    """,
)


async def lock_origin(connection: Connection, task_id: UUID) -> OriginRow | None:
    return await _LOCK_ORIGIN.first(connection, task_id)


@dataclass(frozen=True, slots=True)
class OriginStep:
    step: int
    stage: str
    kind: str
    name: str
    result: Any | None


_FIND_STEP = Query(
    OriginStep,
    "SELECT step, stage, kind, name, result FROM task_steps WHERE task_id = $1 AND step = $2",
)


async def find_step(connection: Connection, task_id: UUID, *, step: int) -> OriginStep | None:
    return await _FIND_STEP.first(connection, task_id, step)


@dataclass(frozen=True, slots=True)
class NewFork:
    """`snapshot` is what it begins with; `flags` and `checkpoint` what it has taken over."""

    id: UUID
    origin_id: UUID
    step: int
    key_id: UUID | None
    user_input: str
    metadata: dict[str, Any]
    flags: list[str]
    checkpoint: dict[str, Any]
    snapshot: str
    idempotency_key: str | None


_INSERT_FORK = Scalar(
    datetime,
    """
    INSERT INTO tasks (id, kind, queue, status, stream_id, stream_after, agent_id, pod_id, pod_name,
        key_id, user_input, input, metadata, goal_id, idempotency_key, priority, max_retries,
        flags, checkpoint, attempt, snapshot, policy_version, forked_from, forked_step)
    SELECT $1, kind, queue, 'queued', $1, 0, agent_id, pod_id, pod_name,
        $4, $5, input, $6, goal_id, $10, priority, max_retries,
        $7, $8, $11, $9, policy_version, id, $3
    FROM tasks WHERE id = $2
    ON CONFLICT (idempotency_key, key_id) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING queued_at
    """,
)


async def insert_fork(connection: Connection, fork: NewFork) -> datetime | None:
    """When it was queued; None if the caller has used its idempotency key before."""
    return await _INSERT_FORK.get(
        connection,
        fork.id,
        fork.origin_id,
        fork.step,
        fork.key_id,
        fork.user_input,
        fork.metadata,
        fork.flags,
        fork.checkpoint,
        fork.snapshot,
        fork.idempotency_key,
        FORK_ATTEMPT,
    )


# Paid for by the other task: here they cost nothing, also in what a stage adds up from its replies.
# A fork keeps and merges the changes of its own repository itself.
_COPY_STEPS = Statement(
    """
    INSERT INTO task_steps (task_id, step, stage, kind, name, status, attempt, digest, request,
        result, cost_usd, started_at, ended_at)
    SELECT $1, step, stage, kind, name, status, $4, digest, request,
        CASE WHEN kind = 'model' AND status = 'done' THEN result
            || '{"input_tokens": 0, "output_tokens": 0, "cost_usd": 0}' ELSE result END,
        0, started_at, ended_at
    FROM task_steps WHERE task_id = $2 AND step < $3 AND status <> 'begun'
        AND NOT (stage = 'git' AND name IN ('git_keep', 'git_merge'))
    """
)
_COPY_STAGES = Statement(
    """
    INSERT INTO task_stages (task_id, stage, round, role, position, status, model, output, error,
        started_at, completed_at)
    SELECT $1, stage, round, role, position, status, model, output, error, started_at, completed_at
    FROM task_stages
    WHERE task_id = $2 AND (round, position) < ($3, $4) AND status <> 'running'
    """
)
# A stage that ended before and ran again later has left some of it then: that is left out.
_COPY_FINDINGS = Statement(
    """
    INSERT INTO guardrail_findings
        (id, task_id, stage, category, severity, title, evidence, scanner, created_at)
    SELECT gen_random_uuid(), $1, stage, category, severity, title, evidence, scanner, created_at
    FROM guardrail_findings AS left_behind
    WHERE task_id = $2 AND (
        EXISTS (SELECT FROM task_stages AS copy
            WHERE copy.task_id = $1 AND copy.stage = left_behind.stage)
        AND NOT EXISTS (SELECT FROM task_stages AS later
            WHERE later.task_id = $2 AND later.stage = left_behind.stage
                AND (later.round, later.position) >= ($3, $4)
                AND later.started_at <= left_behind.created_at)
        -- What a scan or a rule has found belongs to a step, not to its stage's end.
        OR EXISTS (SELECT FROM task_steps AS began
            WHERE began.task_id = $2 AND began.step = $5 AND began.stage = left_behind.stage
                AND left_behind.created_at < began.started_at))
    """
)
_COPY_ARTIFACTS = Statement(
    """
    INSERT INTO artifacts (id, task_id, stage, kind, name, content, sha256, created_at)
    SELECT gen_random_uuid(), $1, stage, kind, name, content, sha256, created_at
    FROM artifacts AS left_behind
    WHERE task_id = $2
        AND EXISTS (SELECT FROM task_stages AS copy
            WHERE copy.task_id = $1 AND copy.stage = left_behind.stage)
        AND NOT EXISTS (SELECT FROM task_stages AS later
            WHERE later.task_id = $2 AND later.stage = left_behind.stage
                AND (later.round, later.position) >= ($3, $4)
                AND later.started_at <= left_behind.created_at)
    """
)
_COPY_REVIEWS = Statement(
    """
    INSERT INTO code_reviews (id, task_id, round, verdict, summary, issues, created_at)
    SELECT gen_random_uuid(), $1, round, verdict, summary, issues, created_at
    FROM code_reviews AS left_behind
    WHERE task_id = $2
        AND EXISTS (SELECT FROM task_stages AS copy WHERE copy.task_id = $1
            AND copy.role = 'code_review' AND copy.round = left_behind.round)
        AND NOT EXISTS (SELECT FROM task_stages AS later WHERE later.task_id = $2
            AND later.role = 'code_review' AND later.round = left_behind.round
            AND (later.round, later.position) >= ($3, $4))
    """
)


async def copy_until(
    connection: Connection, fork_id: UUID, *, origin_id: UUID, step: int, place: tuple[int, int]
) -> None:
    """Copy the steps before `step` and the stages before `place` (round and position)."""
    await _COPY_STEPS.run(connection, fork_id, origin_id, step, FORK_ATTEMPT)
    await _COPY_STAGES.run(connection, fork_id, origin_id, *place)
    await _COPY_FINDINGS.run(connection, fork_id, origin_id, *place, step)
    for copy in (_COPY_ARTIFACTS, _COPY_REVIEWS):
        await copy.run(connection, fork_id, origin_id, *place)


_COPY_ANSWERED_STEP = Statement(
    """
    INSERT INTO task_steps (task_id, step, stage, kind, name, status, attempt, digest, request,
        result, cost_usd, started_at, ended_at)
    SELECT $1, step, stage, kind, name, 'done', $5, digest, request, $4, 0, started_at,
        clock_timestamp()
    FROM task_steps WHERE task_id = $2 AND step = $3
    """
)


async def copy_answered_step(
    connection: Connection, fork_id: UUID, *, origin_id: UUID, step: int, result: Any
) -> None:
    """Copy the step, ended with another result."""
    await _COPY_ANSWERED_STEP.run(connection, fork_id, origin_id, step, result, FORK_ATTEMPT)
