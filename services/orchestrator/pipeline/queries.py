"""SQL of a pipeline task's stages and of what they leave behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement
from services.orchestrator.engine.fence.queries import Change, Fenced


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


_BEGIN_STAGE = Fenced(
    """, begun AS (
        INSERT INTO task_stages (task_id, stage, round, role, position, status, started_at)
        SELECT held.id, $5, $6, $7, $8, 'running', clock_timestamp() FROM held
        ON CONFLICT (task_id, stage, round) DO NOTHING
    ), entered AS (
        UPDATE tasks SET status = $9, current_stage = $5,
            checkpoint = checkpoint || jsonb_build_object('status', $9::text)
        FROM held WHERE tasks.id = $1
    ), scanned AS (
        INSERT INTO task_steps (task_id, step, stage, kind, name, status, attempt, digest, request,
            result, ended_at)
        SELECT held.id, scan.step, $5, 'scan', scan.name, 'done', $2, scan.digest, scan.request,
            scan.result, clock_timestamp()
        FROM held, jsonb_to_recordset($10::jsonb) AS scan (
            step bigint, name text, digest text, request jsonb, result jsonb)
        ON CONFLICT (task_id, step) DO NOTHING
    ), found AS (
        INSERT INTO guardrail_findings
            (id, task_id, stage, category, severity, title, evidence, scanner)
        SELECT finding.id, held.id, $5, category, severity, title, evidence, scanner
        FROM held, jsonb_to_recordset($11::jsonb) AS finding (
            id uuid, category text, severity text, title text, evidence text, scanner text)
        ON CONFLICT (id) DO NOTHING
    )"""
)


def begin_stage(
    *,
    stage: str,
    round_number: int,
    role: str,
    position: int,
    status: str,
    scans: Sequence[dict[str, Any]] = (),
    findings: Sequence[dict[str, Any]] = (),
) -> Change:
    """Write that the stage runs, and the task's status with it.

    `scans` are steps of scanners that were made before the stage, with the `findings` of them.
    """
    place = (stage, round_number, role, position, status)
    return Change(_BEGIN_STAGE, (*place, scans, findings))


_END_STAGE = Fenced(
    """, ended AS (
        INSERT INTO task_stages (task_id, stage, round, role, position, status, model, output,
            error, input_tokens, output_tokens, cost_usd, completed_at)
        SELECT held.id, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::float8::numeric,
            clock_timestamp()
        FROM held
        ON CONFLICT (task_id, stage, round) DO UPDATE SET status = excluded.status,
            model = excluded.model, output = excluded.output, error = excluded.error,
            input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
            cost_usd = excluded.cost_usd, completed_at = excluded.completed_at
    ), flagged AS (
        UPDATE tasks SET flags = $16 FROM held
        WHERE tasks.id = $1 AND $16::text[] IS NOT NULL AND flags IS DISTINCT FROM $16
    ), found AS (
        INSERT INTO guardrail_findings
            (id, task_id, stage, category, severity, title, evidence, scanner)
        SELECT finding.id, held.id, $5, category, severity, title, evidence, scanner
        FROM held, jsonb_to_recordset($17::jsonb) AS finding (
            id uuid, category text, severity text, title text, evidence text, scanner text)
        ON CONFLICT (id) DO NOTHING
    ), reviewed AS (
        INSERT INTO code_reviews (id, task_id, round, verdict, summary, issues)
        SELECT review.id, held.id, $6, verdict, summary, issues
        FROM held, jsonb_to_recordset($18::jsonb) AS review (
            id uuid, verdict text, summary text, issues jsonb)
        ON CONFLICT (id) DO NOTHING
    ), made AS (
        INSERT INTO artifacts (id, task_id, stage, kind, name, content, sha256)
        SELECT artifact.id, held.id, $5, kind, name, content, sha256
        FROM held, jsonb_to_recordset($19::jsonb) AS artifact (
            id uuid, kind text, name text, content text, sha256 text)
        ON CONFLICT (id) DO NOTHING
    )"""
)


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """What a stage's end stores beside the stage; each record has its id and its columns."""

    model: str | None = None
    output: dict[str, Any] | None = None
    error: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    flags: list[str] | None = None
    findings: Sequence[dict[str, Any]] = ()
    reviews: Sequence[dict[str, Any]] = ()
    artifacts: Sequence[dict[str, Any]] = ()


def end_stage(
    *, stage: str, round_number: int, role: str, position: int, status: str, end: StageOutcome
) -> Change:
    """Write the stage's end with all that follows from it; without flags the task keeps its own."""
    return Change(
        _END_STAGE,
        (
            stage,
            round_number,
            role,
            position,
            status,
            end.model,
            end.output,
            end.error,
            end.input_tokens,
            end.output_tokens,
            end.cost_usd,
            end.flags,
            end.findings,
            end.reviews,
            end.artifacts,
        ),
    )


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
