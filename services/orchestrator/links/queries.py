"""SQL of child tasks and of the agents that agents find and make."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class ChildRow:
    id: UUID
    status: str
    output: str | None
    error: str | None


_FIND_CHILD = Query(
    ChildRow,
    "SELECT id, status, output, error FROM tasks WHERE id = $1 AND parent_task_id = $2",
)
_COUNT_DESCENDANTS = Scalar(int, "SELECT count(*) FROM tasks WHERE root_task_id = $1")


async def find_child(
    connection: Connection, task_id: UUID, *, parent_task_id: UUID
) -> ChildRow | None:
    return await _FIND_CHILD.first(connection, task_id, parent_task_id)


async def count_descendants(connection: Connection, root_task_id: UUID) -> int:
    return await _COUNT_DESCENDANTS.one(connection, root_task_id)


_IDS_BY_NAME = Scalar(
    UUID, "SELECT id FROM agents WHERE lower(config ->> 'name') = lower($1) ORDER BY id LIMIT 2"
)
_COUNT_MADE = Scalar(
    int, "SELECT count(*) FROM agents WHERE config #>> '{metadata,created_by,root_task_id}' = $1"
)
_INSERT_MADE = Statement(
    "INSERT INTO agents (id, config) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING"
)


async def ids_by_name(connection: Connection, name: str) -> list[UUID]:
    """At most two: more than one is too many already."""
    return await _IDS_BY_NAME.all(connection, name)


async def count_made(connection: Connection, root_task_id: UUID) -> int:
    """How many agents that are still there the tasks under one root have made."""
    return await _COUNT_MADE.one(connection, str(root_task_id))


async def insert_made(connection: Connection, agent_id: UUID, *, config: dict[str, Any]) -> bool:
    """Whether it was inserted: False if the same call had made it before."""
    return await _INSERT_MADE.run(connection, agent_id, config) == 1
