"""SQL of the changes that a task has made in git."""

from uuid import UUID

from services.kit.db import Connection, Statement
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
