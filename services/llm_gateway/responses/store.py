"""Keeps responses, so that a client can go on from one by its id alone."""

import asyncio
import re

from services.kit.auth import Principal
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.log import get_logger
from services.llm_gateway.dialects.deltas import as_list
from services.llm_gateway.dialects.refusals import unsupported
from services.llm_gateway.errors import ResponseNotFound
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.responses import queries
from services.llm_gateway.responses.queries import StoredRow

_log = get_logger(__name__)
_ID = re.compile(r"resp_[0-9a-f]{32}", re.ASCII)
_SECONDS_PER_DAY = 86_400
_PRUNE_BATCH = 500
_PRUNE_SECONDS = 600.0


class ResponseStore:
    """Responses by tenant: a key's own, or the administrator's."""

    def __init__(self, database: Database, *, retention_days: float) -> None:
        self._database = database
        self._retention_days = retention_days

    @property
    def keeps(self) -> bool:
        return self._retention_days > 0

    async def save(
        self, principal: Principal, response: JsonDict, *, items: list[JsonDict]
    ) -> bool:
        """False if the database is away: an answer that was paid for is given all the same."""
        row = StoredRow(response["id"], response["previous_response_id"], items, response)
        try:
            async with self._database.connection() as connection:
                await queries.save(connection, row, tenant=_tenant(principal))
        except DatabaseDown as error:
            _log.warning("a response is not stored", id=row.id, reason=error.detail)
            return False
        return True

    async def get(self, principal: Principal, response_id: str) -> StoredRow:
        """Raises ResponseNotFound, for another tenant's too."""
        row = None
        if _ID.fullmatch(response_id):
            async with self._database.connection() as connection:
                row = await queries.get(connection, response_id, tenant=_tenant(principal))
        if row is None:
            raise ResponseNotFound(f"There is no response {response_id[:100]!r}.")
        return row

    async def delete(self, principal: Principal, response_id: str) -> None:
        """Raises ResponseNotFound."""
        await self.get(principal, response_id)
        async with self._database.connection() as connection:
            if not await queries.delete(connection, response_id, tenant=_tenant(principal)):
                raise ResponseNotFound(f"There is no response {response_id!r}.")

    async def conversation(self, principal: Principal, response_id: str) -> list[JsonDict]:
        """All items up to and with that response. Raises Unsupported (400) if one is missing."""
        rows: list[StoredRow] = []
        if _ID.fullmatch(response_id):
            async with self._database.connection() as connection:
                rows = await queries.chain(connection, response_id, tenant=_tenant(principal))
        if not rows or rows[0].previous_id is not None:
            missing = rows[0].previous_id if rows else response_id
            raise unsupported(
                "previous_response_id",
                f"the response {str(missing)[:100]!r} is not stored (any more).",
                code="previous_response_not_found",
            )
        return [
            item
            for row in rows
            for item in (*as_list(row.input), *as_list(row.response.get("output")))
        ]

    async def keep_pruning(self) -> None:
        """Delete what has not been used for the retention; run it under keep_running."""
        while True:
            async with self._database.connection() as connection:
                unused = self._retention_days * _SECONDS_PER_DAY
                gone = await queries.prune(connection, unused_seconds=unused, most=_PRUNE_BATCH)
            if gone < _PRUNE_BATCH:
                await asyncio.sleep(_PRUNE_SECONDS)


def _tenant(principal: Principal) -> str:
    if principal.key_id is not None:
        return f"key:{principal.key_id}"
    return "admin" if principal.is_admin else principal.kind
