"""SQL of the worker processes: who there is, and when it was last seen."""

from typing import Any
from uuid import UUID

from services.kit.db import Connection, Statement

_REGISTER_WORKER = Statement(
    """
    INSERT INTO workers (name, boot_id, queue, pid, sandbox) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO UPDATE SET boot_id = excluded.boot_id, queue = excluded.queue,
        pid = excluded.pid, sandbox = excluded.sandbox, started_at = now(), seen_at = now()
    """
)
_WORKER_SEEN = Statement("UPDATE workers SET seen_at = now() WHERE name = $1 AND boot_id = $2")


async def register_worker(
    connection: Connection, name: str, *, boot_id: UUID, queue: str, pid: int, sandbox: Any
) -> None:
    await _REGISTER_WORKER.run(connection, name, boot_id, queue, pid, sandbox)


async def worker_seen(connection: Connection, name: str, *, boot_id: UUID) -> None:
    await _WORKER_SEEN.run(connection, name, boot_id)
