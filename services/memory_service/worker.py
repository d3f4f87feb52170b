"""memory-worker: `python -m services.memory_service.worker`.

Loops over PostgreSQL, not a queue: what there is to do stands in the tables, a killed worker leaves
it there, and without Redis there is nothing to lose with it.
"""

import asyncio
import signal

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.db import Database
from services.kit.http import Peer
from services.kit.http_pool import HttpPool
from services.kit.log import configure_logging, get_logger
from services.kit.migrate import check_schema
from services.kit.settings import load_settings
from services.kit.supervision import Supervisor
from services.memory_service.ingest.embedding import Embedder, NoEmbedding
from services.memory_service.moves import service as moves
from services.memory_service.settings import SCHEMA_VERSION, Settings
from services.memory_service.upkeep import jobs

_log = get_logger(__name__)
_EMBED_SECONDS = 60.0


class MemoryWorker:
    """The jobs as endless loops; cancel them at any time."""

    def __init__(self, database: Database, embedder: Embedder, *, settings: Settings) -> None:
        self._database = database
        self._embedder = embedder
        self._settings = settings

    async def embed(self) -> None:
        """Embed what is pending, at once while there is some."""
        await check_schema(self._database, version=SCHEMA_VERSION)
        while True:
            try:
                count = await jobs.embed_pending(self._database, self._embedder)
            except NoEmbedding as error:
                _log.info("vectors wait for the gateway", reason=error.detail)
                count = 0
            if count:
                await jobs.record_run(self._database, job="embed_pending", count=count)
                _log.info("embedded late", memories=count)
            else:
                await asyncio.sleep(self._settings.nova_memory_pending_seconds)

    async def renew(self) -> None:
        """Have memories that were stored before there was a real model embedded by it."""
        await check_schema(self._database, version=SCHEMA_VERSION)
        while True:
            try:
                count = await jobs.renew_offline(self._database, self._embedder)
            except NoEmbedding:
                count = 0
            if count:
                await jobs.record_run(self._database, job="renew_offline", count=count)
                _log.info("to be embedded by a better model", memories=count)
            else:
                await asyncio.sleep(self._settings.nova_memory_renew_seconds)

    async def move(self) -> None:
        """Have memories embedded by the model that they are to move to."""
        await check_schema(self._database, version=SCHEMA_VERSION)
        while True:
            try:
                count = await moves.advance(self._database, self._embedder)
            except NoEmbedding:
                count = 0
            if count:
                await jobs.record_run(self._database, job="reembed", count=count)
            await asyncio.sleep(self._settings.nova_memory_pending_seconds)

    async def count(self) -> None:
        """Count what searches need to know of large scopes."""
        await check_schema(self._database, version=SCHEMA_VERSION)
        while True:
            count = await jobs.count_words(self._database)
            if count:
                await jobs.record_run(self._database, job="count_words", count=count)
            await asyncio.sleep(self._settings.nova_memory_count_seconds)

    async def purge(self) -> None:
        """Delete what has expired, every five minutes."""
        await check_schema(self._database, version=SCHEMA_VERSION)
        while True:
            count = await jobs.purge_expired(self._database)
            await jobs.record_run(self._database, job="purge_expired", count=count)
            if count:
                _log.info("purged", memories=count)
            await asyncio.sleep(self._settings.nova_memory_purge_seconds)


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    database = Database(
        settings.database_url.get_secret_value(), size=2, name=settings.nova_process_name
    )
    await database.open()
    async with HttpPool(connections=4) as pool, Supervisor() as supervisor:
        gateway = Peer(
            pool,
            name="llm-gateway",
            url=settings.nova_llm_gateway_url,
            caller="memory-worker",
            secret=settings.nova_service_secret.get_secret_value(),
        )
        embedder = Embedder(
            LlmGatewayClient(gateway),
            seconds=_EMBED_SECONDS,
            pause=settings.nova_memory_pending_seconds,
        )
        worker = MemoryWorker(database, embedder, settings=settings)
        supervisor.keep_running(worker.embed, name="embed_pending")
        supervisor.keep_running(worker.renew, name="renew_offline")
        supervisor.keep_running(worker.move, name="reembed")
        supervisor.keep_running(worker.count, name="count_words")
        supervisor.keep_running(worker.purge, name="purge_expired")
        _log.info("memory-worker works")
        await stop.wait()
    await database.close()
    _log.info("memory-worker ended")


def main() -> None:
    settings = load_settings(Settings)
    configure_logging(level=settings.log_level, process=settings.nova_process_name)
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
