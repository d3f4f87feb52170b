"""SQL of the changes that a task has made in git, and of whose clones there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Statement
from services.orchestrator.pipeline.stage import ArtifactRecord

_KEEP_CHANGES = Statement(
    """
    INSERT INTO artifacts (id, task_id, stage, kind, name, content, sha256)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET content = excluded.content, sha256 = excluded.sha256
    """
)


async def keep_changes(
    connection: Connection, artifact_id: UUID, *, task_id: UUID, stage: str, record: ArtifactRecord
) -> None:
    """Store the artifact, or what it is now."""
    await _KEEP_CHANGES.run(
        connection,
        artifact_id,
        task_id,
        stage,
        record.kind,
        record.name,
        record.content,
        record.sha256,
    )


@dataclass(frozen=True, slots=True)
class CloneOwner:
    """A task that has a clone; a dead letter may go on too, when it is tried again."""

    id: UUID
    user_input: str
    metadata: dict[str, Any]
    may_go_on: bool


_OWNERS = Query(
    CloneOwner,
    """
    SELECT id, user_input, metadata,
        status NOT IN ('complete', 'failed', 'cancelled') OR dead_lettered_at IS NOT NULL AS may_go_on
    FROM tasks WHERE id = ANY($1::uuid[])
    """,
)


async def owners(connection: Connection, task_ids: Sequence[UUID]) -> dict[UUID, CloneOwner]:
    return {row.id: row for row in await _OWNERS.all(connection, list(task_ids))}
