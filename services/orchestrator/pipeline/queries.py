"""SQL of a pipeline task's stages and of what they leave behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class StageRow:
    stage: str
    role: str
    round: int
    position: int
    status: str
    model: str | None
    output: dict[str, Any] | None
    error: str | None
    input_tokens: int
    output_tokens: int
    cost_usd: float
    started_at: datetime | None
    completed_at: datetime | None


_LIST_STAGES = Query(
    StageRow,
    """
    SELECT stage, role, round, position, status, model, output, error, input_tokens,
        output_tokens, cost_usd::float8 AS cost_usd, started_at, completed_at
    FROM task_stages WHERE task_id = $1 ORDER BY round, position, stage
    """,
)


async def list_stages(connection: Connection, task_id: UUID) -> list[StageRow]:
    return await _LIST_STAGES.all(connection, task_id)


_ADD_TO_CHECKPOINT = Statement(
    """
    UPDATE tasks SET checkpoint = checkpoint || jsonb_build_object($2::text, $3::text)
    WHERE id = $1
    """
)


async def add_to_checkpoint(connection: Connection, task_id: UUID, *, name: str, text: str) -> None:
    await _ADD_TO_CHECKPOINT.run(connection, task_id, name, text)


@dataclass(frozen=True, slots=True)
class FindingRow:
    id: UUID
    stage: str
    category: str
    severity: str
    title: str
    evidence: str
    scanner: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewRow:
    id: UUID
    round: int
    verdict: str
    summary: str
    issues: list[Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    id: UUID
    stage: str
    kind: str
    name: str
    content: str
    sha256: str
    created_at: datetime


_LIST_FINDINGS = Query(
    FindingRow,
    """
    SELECT id, stage, category, severity, title, evidence, scanner, created_at
    FROM guardrail_findings WHERE task_id = $1 ORDER BY created_at, id
    """,
)
_LIST_REVIEWS = Query(
    ReviewRow,
    """
    SELECT id, round, verdict, summary, issues, created_at
    FROM code_reviews WHERE task_id = $1 ORDER BY created_at, id
    """,
)
_LIST_ARTIFACTS = Query(
    ArtifactRow,
    """
    SELECT id, stage, kind, name, content, sha256, created_at
    FROM artifacts WHERE task_id = $1 ORDER BY created_at, id
    """,
)


async def list_findings(connection: Connection, task_id: UUID) -> list[FindingRow]:
    return await _LIST_FINDINGS.all(connection, task_id)


async def list_reviews(connection: Connection, task_id: UUID) -> list[ReviewRow]:
    return await _LIST_REVIEWS.all(connection, task_id)


_FIND_ARTIFACT = Query(
    ArtifactRow,
    """
    SELECT id, stage, kind, name, content, sha256, created_at
    FROM artifacts WHERE task_id = $1 AND id = $2
    """,
)


async def find_artifact(
    connection: Connection, task_id: UUID, *, artifact_id: UUID
) -> ArtifactRow | None:
    return await _FIND_ARTIFACT.first(connection, task_id, artifact_id)


async def list_artifacts(connection: Connection, task_id: UUID) -> list[ArtifactRow]:
    return await _LIST_ARTIFACTS.all(connection, task_id)


_PRIMARY_AGENT = Scalar(UUID, "SELECT id FROM agents WHERE is_primary")


async def primary_agent_id(connection: Connection) -> UUID | None:
    return await _PRIMARY_AGENT.get(connection)
