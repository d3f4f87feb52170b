"""SQL of the journal: what a run writes of its course, and its steps read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar
from services.orchestrator.engine.fence.queries import Change, Fenced
from services.orchestrator.engine.journal.entries import Entry


@dataclass(frozen=True, slots=True)
class StepRow:
    """One journalled call. `result` is None while it is only begun."""

    step: int
    stage: str
    kind: str
    name: str
    status: str
    attempt: int
    digest: str
    result: Any | None


_LOAD_STEPS = Query(
    StepRow,
    """
    SELECT step, stage, kind, name, status, attempt, digest, result
    FROM task_steps WHERE task_id = $1 ORDER BY step
    """,
)


async def load_steps(connection: Connection, task_id: UUID) -> list[StepRow]:
    return await _LOAD_STEPS.all(connection, task_id)


_STEP_STATUS = Scalar(str, "SELECT status FROM task_steps WHERE task_id = $1 AND step = $2")


async def step_status(connection: Connection, task_id: UUID, *, step: int) -> str | None:
    return await _STEP_STATUS.get(connection, task_id, step)


# What a write may bring, by the entry's field; `{rows}` is the parameter with its rows.
_ROWS = {
    "begun": """, begun AS (
        INSERT INTO task_steps (task_id, step, stage, kind, name, status, attempt, digest, request,
            result, ended_at)
        SELECT held.id, step.step, step.stage, step.kind, step.name, step.status, $2, step.digest,
            step.request, step.result, CASE WHEN step.status <> 'begun' THEN clock_timestamp() END
        FROM held, jsonb_to_recordset({rows}::jsonb) AS step (
            step bigint, stage text, kind text, name text, status text, digest text,
            request jsonb, result jsonb)
        ON CONFLICT (task_id, step) DO UPDATE SET attempt = excluded.attempt,
            digest = excluded.digest, request = excluded.request, started_at = clock_timestamp()
        WHERE task_steps.status = 'begun'
    )""",
    "settled": """, settled AS (
        UPDATE task_steps SET status = step.status, result = step.result,
            input_tokens = step.input_tokens, output_tokens = step.output_tokens,
            cost_usd = step.cost_usd, ended_at = clock_timestamp()
        FROM held, jsonb_to_recordset({rows}::jsonb) AS step (
            step bigint, status text, result jsonb, input_tokens bigint, output_tokens bigint,
            cost_usd numeric)
        WHERE task_steps.task_id = $1 AND task_steps.step = step.step
            AND task_steps.status = 'begun'
        RETURNING coalesce(task_steps.cost_usd, 0) AS cost, task_steps.input_tokens,
            task_steps.output_tokens,
            task_steps.cost_usd IS NULL AND kind = 'model' AND task_steps.status = 'done'
                AS unpriced
    ), summed AS (
        SELECT coalesce(sum(cost), 0) AS cost, count(*) FILTER (WHERE unpriced) AS unpriced,
            coalesce(sum(input_tokens), 0) AS input, coalesce(sum(output_tokens), 0) AS output
        FROM settled
    )""",
    "stages": """, staged AS (
        INSERT INTO task_stages (task_id, stage, round, role, position, status, model, output,
            error, input_tokens, output_tokens, cost_usd, started_at, completed_at)
        SELECT held.id, stage.stage, stage.round, stage.role, stage.position, stage.status,
            stage.model, stage.output, stage.error, coalesce(stage.input_tokens, 0),
            coalesce(stage.output_tokens, 0), coalesce(stage.cost_usd, 0)::numeric,
            CASE WHEN stage.status = 'running' THEN clock_timestamp() END,
            CASE WHEN stage.status <> 'running' THEN clock_timestamp() END
        FROM held, jsonb_to_recordset({rows}::jsonb) AS stage (
            stage text, round integer, role text, position integer, status text, model text,
            output jsonb, error text, input_tokens bigint, output_tokens bigint, cost_usd float8)
        ON CONFLICT (task_id, stage, round) DO UPDATE SET status = excluded.status,
            model = excluded.model, output = excluded.output, error = excluded.error,
            input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
            cost_usd = excluded.cost_usd, completed_at = excluded.completed_at
        WHERE excluded.status <> 'running'
    )""",
    "findings": """, found AS (
        INSERT INTO guardrail_findings
            (id, task_id, stage, category, severity, title, evidence, scanner)
        SELECT finding.id, held.id, stage, category, severity, title, evidence, scanner
        FROM held, jsonb_to_recordset({rows}::jsonb) AS finding (
            id uuid, stage text, category text, severity text, title text, evidence text,
            scanner text)
        ON CONFLICT (id) DO NOTHING
    )""",
    "reviews": """, reviewed AS (
        INSERT INTO code_reviews (id, task_id, round, verdict, summary, issues)
        SELECT review.id, held.id, round, verdict, summary, issues
        FROM held, jsonb_to_recordset({rows}::jsonb) AS review (
            id uuid, round integer, verdict text, summary text, issues jsonb)
        ON CONFLICT (id) DO NOTHING
    )""",
    "artifacts": """, made AS (
        INSERT INTO artifacts (id, task_id, stage, kind, name, content, sha256)
        SELECT artifact.id, held.id, stage, kind, name, content, sha256
        FROM held, jsonb_to_recordset({rows}::jsonb) AS artifact (
            id uuid, stage text, kind text, name text, content text, sha256 text)
        ON CONFLICT (id) DO NOTHING
    )""",
}
# What follows for the task's row, by what brings it: assignments, and when they change something.
# The sums move only together with the steps: settling twice, after a lost reply, counts once.
_ASSIGNED = {
    "status": (
        "status = {value}, checkpoint = checkpoint || jsonb_build_object('status', {value}::text)",
        "true",
    ),
    "stage": ("current_stage = {value}", "true"),
    "flags": ("flags = {value}", "flags IS DISTINCT FROM {value}"),
    "snapshot": ("snapshot = {value}", "true"),
    "settled": (
        """total_cost_usd = total_cost_usd + summed.cost,
            unpriced_calls = unpriced_calls + summed.unpriced,
            total_input_tokens = total_input_tokens + summed.input,
            total_output_tokens = total_output_tokens + summed.output""",
        "summed.cost <> 0 OR summed.unpriced <> 0 OR summed.input + summed.output <> 0",
    ),
}
_FOLLOWED = """, followed AS (
        UPDATE tasks SET {assigned}
        FROM {source}
        WHERE tasks.id = $1 AND ({changes})
    )"""
_FIRST_PARAMETER = 5


@cache
def statement(fields: tuple[str, ...]) -> Fenced:
    """The statement that writes these fields of entries, whose values are its parameters.

    One statement for all of them would open every table for each write, which costs several times
    what the write itself does. The task's row is updated once: one statement can't do it twice.
    """
    numbers = {name: f"${number}" for number, name in enumerate(fields, start=_FIRST_PARAMETER)}
    writes = [_ROWS[name].format(rows=numbers[name]) for name in fields if name in _ROWS]
    followed = [
        tuple(text.format(value=numbers[name]) for text in _ASSIGNED[name])
        for name in fields
        if name in _ASSIGNED
    ]
    if followed:
        source = "held, summed" if "settled" in fields else "held"
        assigned, changes = zip(*followed, strict=True)
        writes.append(
            _FOLLOWED.format(
                assigned=", ".join(assigned), source=source, changes=" OR ".join(changes)
            )
        )
    return Fenced("".join(writes))


def write(entries: Sequence[Entry]) -> Change:
    """All of the entries at once; none of them clashes with another."""
    values: dict[str, object] = {
        name: rows
        for name in _ROWS
        if (rows := list(chain.from_iterable(getattr(entry, name) for entry in entries)))
    }
    for name in ("status", "stage", "flags", "snapshot"):
        given = [value for entry in entries if (value := getattr(entry, name)) is not None]
        if given:
            values[name] = given[-1]
    return Change(statement(tuple(values)), tuple(values.values()))


@dataclass(frozen=True, slots=True)
class StepDetailRow:
    step: int
    stage: str
    kind: str
    name: str
    status: str
    attempt: int
    request: Any
    result: Any | None
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    started_at: datetime
    ended_at: datetime | None


_LIST_STEPS = Query(
    StepDetailRow,
    """
    SELECT step, stage, kind, name, status, attempt, request, result, input_tokens, output_tokens,
        cost_usd::float8 AS cost_usd, started_at, ended_at
    FROM task_steps WHERE task_id = $1 ORDER BY step LIMIT $2 OFFSET $3
    """,
)


async def list_steps(
    connection: Connection, task_id: UUID, *, limit: int, offset: int
) -> list[StepDetailRow]:
    return await _LIST_STEPS.all(connection, task_id, limit, offset)


_COUNT_STEPS = Scalar(int, "SELECT count(*) FROM task_steps WHERE task_id = $1")


async def count_steps(connection: Connection, task_id: UUID) -> int:
    return await _COUNT_STEPS.one(connection, task_id)
