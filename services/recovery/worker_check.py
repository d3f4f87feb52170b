"""Compose's health check of a worker, which has no port to ask: python -m … NAME.

Exits 0 if PostgreSQL heard of that worker lately, else says why not and exits 1.
"""

import asyncio
import sys

from services.kit.errors import DatabaseDown
from services.kit.settings import load_settings
from services.recovery.connection import brief_connection
from services.recovery.settings import RecoverySettings
from services.recovery.status import queries
from services.recovery.status.database import WORKER_SECONDS


async def problem_with(name: str, *, dsn: str) -> str | None:
    """Why the worker counts as dead; None if it lives."""
    try:
        async with brief_connection(dsn) as connection:
            if not await queries.workers_exist(connection):
                return "the schema is not there yet"
            live = await queries.live_workers(connection, within_seconds=WORKER_SECONDS)
    except DatabaseDown as error:
        return error.detail
    return None if name in live else f"PostgreSQL has not heard of {name} for {WORKER_SECONDS} s"


def main(name: str) -> None:
    settings = load_settings(RecoverySettings)
    problem = asyncio.run(problem_with(name, dsn=settings.database_url.get_secret_value()))
    if problem:
        sys.exit(problem)


if __name__ == "__main__":
    main(sys.argv[1])
