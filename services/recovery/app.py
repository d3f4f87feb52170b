"""Puts recovery together."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI

from services.kit.app import create_app
from services.kit.auth import Authenticator, KeyLookup, KeyRecord
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.failpoints import Failpoints
from services.kit.health import Health
from services.kit.keys import key_lookup
from services.recovery.backends.process import KeeperBackend
from services.recovery.backups.router import router as backups
from services.recovery.backups.store import BackupStore
from services.recovery.session.router import router as session
from services.recovery.settings import RecoverySettings
from services.recovery.status.database import check_database
from services.recovery.status.router import router as status

_KEY_SECONDS = 3.0
# Keys are looked up rarely, and one at a time will do.
_CONNECTIONS = 2


def build_app(settings: RecoverySettings) -> FastAPI:
    """Everything here works without PostgreSQL, but for API keys and the backups themselves."""
    dsn = settings.database_url.get_secret_value()
    database = Database(dsn, size=_CONNECTIONS, name="recovery keys")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any], None]:
        await database.open()
        yield {
            "settings": settings,
            "backend": KeeperBackend(settings.run_dir),
            "store": BackupStore(settings.backups),
            "failpoints": Failpoints(settings.nova_failpoint),
        }
        await database.close()

    return create_app(
        settings,
        title="Nova recovery",
        routers=[status, backups, session],
        authenticator=Authenticator(settings, lookup=_hasty(key_lookup(database))),
        health=Health(optional={"postgres": lambda: check_database(dsn)}),
        lifespan=lifespan,
    )


def _hasty(lookup: KeyLookup) -> KeyLookup:
    """A look-up that gives up soon: recovery is asked when things hang."""

    async def find(digest: bytes) -> KeyRecord | None:
        try:
            async with asyncio.timeout(_KEY_SECONDS):
                return await lookup(digest)
        except TimeoutError as error:
            detail = "API keys can't be checked: PostgreSQL does not answer. Use the admin secret."
            raise DatabaseDown(detail) from error
        except asyncpg.UndefinedTableError as error:
            detail = "API keys can't be checked: the database has no schema yet."
            raise DatabaseDown(detail) from error

    return find
