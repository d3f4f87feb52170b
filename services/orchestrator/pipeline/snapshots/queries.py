"""SQL of snapshots."""

from typing import Any

from services.kit.db import Connection, Scalar, Statement

KEPT_SECONDS = 3600.0
"""So long a snapshot can be relied on after it was kept; it goes after a day without use."""

_FIND = Scalar(object, "SELECT content FROM pod_snapshots WHERE digest = $1")
_KEEP = Statement(
    """
    INSERT INTO pod_snapshots (digest, content) VALUES ($1, $2)
    ON CONFLICT (digest) DO UPDATE SET used_at = now()
    """
)
# Few at a time: for each of them all tasks are looked through.
_DELETE_UNUSED = Statement(
    """
    DELETE FROM pod_snapshots WHERE digest IN (
        SELECT digest FROM pod_snapshots AS old
        WHERE used_at < now() - interval '1 day'
            AND NOT EXISTS (SELECT FROM tasks WHERE tasks.snapshot = old.digest)
        LIMIT 20)
    """
)


async def find(connection: Connection, digest: str) -> Any | None:
    return await _FIND.get(connection, digest)


async def keep(connection: Connection, digest: str, content: Any) -> None:
    """Keep it, and delete some of those that no task names any more."""
    await _KEEP.run(connection, digest, content)
    await _DELETE_UNUSED.run(connection)
