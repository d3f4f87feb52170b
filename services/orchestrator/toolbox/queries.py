"""SQL of what the workers say of their sandbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.db import Connection, Query


@dataclass(frozen=True, slots=True)
class WorkerRow:
    name: str
    queue: str
    sandbox: dict[str, Any]
    seen_at: datetime
    alive: bool


_LIST_WORKERS = Query(
    WorkerRow,
    """
    SELECT name, queue, sandbox, seen_at, seen_at > now() - interval '35 seconds' AS alive
    FROM workers ORDER BY seen_at DESC
    """,
)


async def list_workers(connection: Connection) -> list[WorkerRow]:
    return await _LIST_WORKERS.all(connection)
