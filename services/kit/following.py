"""Follows what changes in the database: LISTEN, with a look every two seconds behind it."""

import asyncio
from collections.abc import Awaitable, Callable

from services.kit.db import Database, translated_errors
from services.kit.errors import DatabaseDown

POLL_SECONDS = 2.0


async def follow_changes(
    database: Database, *, channel: str, refresh: Callable[[], Awaitable[None]]
) -> None:
    """Call `refresh` now, after each notification and every two seconds, until cancelled.

    Raises DatabaseDown when the database goes; run it under Supervisor.keep_running.
    """
    changed = asyncio.Event()

    def on_change(*_notification: object) -> None:
        changed.set()

    listener = await database.dedicated_connection()
    try:
        with translated_errors():
            await listener.add_listener(channel, on_change)
        while not listener.is_closed():
            changed.clear()  # before the reading: a change after it wakes the next round
            await refresh()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await changed.wait()
            except TimeoutError:
                continue
        raise DatabaseDown("The database connection for changes was lost.")
    finally:
        listener.terminate()
