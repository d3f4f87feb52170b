"""A call is marked as dispatched also while the sweep pushes its lease on."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg

from services.kit.ids import new_id
from services.llm_gateway.limits import queries


async def reserved(connection: Any, boot_id: UUID) -> UUID:
    call_id = new_id()
    await connection.execute(
        """
        INSERT INTO open_calls (id, step_id, kind, caller, provider, model, request_id,
            input_tokens, output_tokens, holder, boot_id, lease_until)
        VALUES ($1::uuid, $1::uuid::text, 'chat', 'c', 'p', 'm', 'r', 1, 1, 'h', $2, now() + interval '1 h')
        """,
        call_id,
        boot_id,
    )
    return call_id


class TestMarkDispatched:
    async def test_rows_that_are_locked_meanwhile_are_found(self, database_url: str) -> None:
        boot_id = new_id()
        one: Any = await asyncpg.connect(database_url)
        two: Any = await asyncpg.connect(database_url)
        try:
            ids = [await reserved(one, boot_id) for _ in range(20)]
            async with one.transaction():
                await queries.extend(one, ids[::2], 60)
                marking = asyncio.create_task(queries.mark_dispatched(two, ids, boot_id=boot_id))
                waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                async with asyncio.timeout(20):
                    while not await one.fetchval(waiting):  # noqa: ASYNC110 - it looks into the database
                        await asyncio.sleep(0.01)
            assert await marking == set(ids)
        finally:
            await one.close()
            await two.close()
