"""Looks an API key up by its digest, for kit.auth."""

from services.kit import queries
from services.kit.auth import KeyLookup, KeyRecord
from services.kit.db import Database


def key_lookup(database: Database) -> KeyLookup:
    """The look-up that reads `database`."""

    async def find(digest: bytes) -> KeyRecord | None:
        async with database.connection() as connection:
            row = await queries.find_valid_key(connection, digest)
        if row is None:
            return None
        return KeyRecord(
            id=row.id,
            name=row.name,
            scopes=tuple(row.scopes),
            rate_limit_rpm=row.rate_limit_rpm,
            budget_usd=row.budget_usd,
        )

    return find
