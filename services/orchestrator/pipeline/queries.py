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


_BEGIN_STAGE = Statement(
    """
    INSERT INTO task_stages (task_id, stage, round, role, position, status, started_at)
    VALUES ($1, $2, $3, $4, $5, 'running', clock_timestamp())
    ON CONFLICT (task_id, stage, round) DO NOTHING
    """
)
_ENTER = Statement(
    """
    UPDATE tasks SET status = $2, current_stage = $3,
        checkpoint = checkpoint || jsonb_build_object('status', $2::text)
    WHERE id = $1 AND holder IS NOT NULL
    """
)


async def begin_stage(
    connection: Connection,
    task_id: UUID,
    *,
    stage: str,
    round_number: int,
    role: str,
    position: int,
    status: str,
) -> None:
    """Write that the stage runs, and the task's status with it."""
    await _BEGIN_STAGE.run(connection, task_id, stage, round_number, role, position)
    await _ENTER.run(connection, task_id, status, stage)


_END_STAGE = Statement(
    """
    INSERT INTO task_stages (task_id, stage, round, role, position, status, model, output, error,
        input_tokens, output_tokens, cost_usd, completed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::float8::numeric, clock_timestamp())
    ON CONFLICT (task_id, stage, round) DO UPDATE SET status = excluded.status,
        model = excluded.model, output = excluded.output, error = excluded.error,
        input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
        cost_usd = excluded.cost_usd, completed_at = excluded.completed_at
    """
)


async def end_stage(
    connection: Connection,
    task_id: UUID,
    *,
    stage: str,
    round_number: int,
    role: str,
    position: int,
    status: str,
    model: str | None = None,
    output: dict[str, Any] | None = None,
    error: str | None = None,
    tokens: tuple[int, int] = (0, 0),
    cost_usd: float = 0.0,
) -> None:
    """Write the stage's end; `tokens` are those in and out."""
    await _END_STAGE.run(
        connection,
        task_id,
        stage,
        round_number,
        role,
        position,
        status,
        model,
        output,
        error,
        *tokens,
        cost_usd,
    )


_ADD_TO_CHECKPOINT = Statement(
    """
    UPDATE tasks SET checkpoint = checkpoint || jsonb_build_object($2::text, $3::text)
    WHERE id = $1
    """
)


async def add_to_checkpoint(connection: Connection, task_id: UUID, *, name: str, text: str) -> None:
    await _ADD_TO_CHECKPOINT.run(connection, task_id, name, text)


_SET_FLAGS = Statement("UPDATE tasks SET flags = $2 WHERE id = $1")


async def set_flags(connection: Connection, task_id: UUID, *, flags: list[str]) -> None:
    await _SET_FLAGS.run(connection, task_id, flags)


_INSERT_FINDING = Statement(
    """
    INSERT INTO guardrail_findings
        (id, task_id, stage, category, severity, title, evidence, scanner)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING
    """
)
_INSERT_REVIEW = Statement(
    """
    INSERT INTO code_reviews (id, task_id, round, verdict, summary, issues)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING
    """
)
_INSERT_ARTIFACT = Statement(
    """
    INSERT INTO artifacts (id, task_id, stage, kind, name, content, sha256)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
    """
)


async def insert_finding(
    connection: Connection,
    finding_id: UUID,
    *,
    task_id: UUID,
    stage: str,
    category: str,
    severity: str,
    title: str,
    evidence: str,
    scanner: str,
) -> None:
    await _INSERT_FINDING.run(
        connection, finding_id, task_id, stage, category, severity, title, evidence, scanner
    )


async def insert_review(
    connection: Connection,
    review_id: UUID,
    *,
    task_id: UUID,
    round_number: int,
    verdict: str,
    summary: str,
    issues: list[dict[str, Any]],
) -> None:
    await _INSERT_REVIEW.run(connection, review_id, task_id, round_number, verdict, summary, issues)


async def insert_artifact(
    connection: Connection,
    artifact_id: UUID,
    *,
    task_id: UUID,
    stage: str,
    kind: str,
    name: str,
    content: str,
    sha256: str,
) -> None:
    await _INSERT_ARTIFACT.run(connection, artifact_id, task_id, stage, kind, name, content, sha256)


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


async def list_artifacts(connection: Connection, task_id: UUID) -> list[ArtifactRow]:
    return await _LIST_ARTIFACTS.all(connection, task_id)


_PRIMARY_AGENT = Scalar(UUID, "SELECT id FROM agents WHERE is_primary")


async def primary_agent_id(connection: Connection) -> UUID | None:
    return await _PRIMARY_AGENT.get(connection)
