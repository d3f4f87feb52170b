"""SQL of what the scanners look at."""

from dataclasses import dataclass
from uuid import UUID

from services.kit.db import Connection, Query


@dataclass(frozen=True, slots=True)
class ToolResultRow:
    """A finished tool call: `path` is its argument of that name, `text` the beginning of its result."""

    name: str
    path: str | None
    text: str | None
    length: int | None


_TOOL_RESULTS = Query(
    ToolResultRow,
    """
    SELECT name, request -> 'arguments' ->> 'path' AS path, left(result ->> 'text', $2) AS text,
        length(result ->> 'text') AS length
    FROM task_steps WHERE task_id = $1 AND kind = 'tool' AND status <> 'begun' ORDER BY step
    """,
)


async def tool_results(
    connection: Connection, task_id: UUID, *, longest: int
) -> list[ToolResultRow]:
    return await _TOOL_RESULTS.all(connection, task_id, longest)
