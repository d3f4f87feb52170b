"""SQL of snapshots."""

from typing import Any

from services.kit.db import Connection, Scalar, Statement

_FIND = Scalar(object, "SELECT content FROM pod_snapshots WHERE digest = $1")
_KEEP = Statement(
    "INSERT INTO pod_snapshots (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING"
)
# Rows of pod_snapshots are never deleted, so that no foreign key has to lock one that all share.


async def find(connection: Connection, digest: str) -> Any | None:
    return await _FIND.get(connection, digest)


async def keep(connection: Connection, digest: str, content: Any) -> None:
    await _KEEP.run(connection, digest, content)
