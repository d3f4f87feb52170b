"""SQL of replays, which only read."""

from typing import Any
from uuid import UUID

from services.kit.db import Connection, Scalar

_REQUEST = Scalar(object, "SELECT request FROM task_steps WHERE task_id = $1 AND step = $2")


async def request(connection: Connection, task_id: UUID, *, step: int) -> Any | None:
    return await _REQUEST.get(connection, task_id, step)
