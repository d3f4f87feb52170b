"""The worker process: `python -m services.orchestrator.worker --queue pipeline|interactive`."""

import argparse
import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import uvloop

from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.errors import DependencyDown
from services.kit.failpoints import Failpoints
from services.kit.http_pool import HttpPool
from services.kit.jobs import Waker, WakeWorker
from services.kit.log import configure_logging, get_logger
from services.kit.migrate import check_schema, latest_version
from services.kit.redis import open_redis
from services.kit.settings import load_settings
from services.kit.supervision import Supervisor
from services.orchestrator.chat.turn import TurnExecutor
from services.orchestrator.endpoints.calls.service import CallWatcher, Delegation
from services.orchestrator.engine.context.windows import ModelWindows
from services.orchestrator.engine.intentions import Intentions
from services.orchestrator.engine.leases.reaper import Reaper
from services.orchestrator.engine.memory_tools import ServiceMemory
from services.orchestrator.engine.run import RunContext
from services.orchestrator.engine.runner import Engine, EngineSettings, Executor
from services.orchestrator.engine.stream.publisher import Publisher
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.engine.workers import queries as worker_queries
from services.orchestrator.links.service import RunAgents
from services.orchestrator.peers import llm_gateway, memory_service
from services.orchestrator.pipeline.executor import PipelineExecutor
from services.orchestrator.pipeline.gitwork.leftovers import Leftovers
from services.orchestrator.policy.book import PolicyBook
from services.orchestrator.settings import REDIS_DATABASE, WorkerSettings
from services.orchestrator.tools.context import ToolSettings
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.tools.sandbox.self_test import self_test

_log = get_logger(__name__)
_RETRY_SECONDS = 0.3


async def work(settings: WorkerSettings, queue: str) -> None:
    """Work until SIGTERM or SIGINT; then give every lease back."""
    ended = _asked_to_end()
    redis_url = settings.redis_url.get_secret_value()
    database = Database(
        settings.database_url.get_secret_value(),
        size=settings.nova_db_pool_size,
        name=settings.nova_process_name,
    )
    await database.open()
    redis = open_redis(redis_url, database=REDIS_DATABASE)
    publisher = Publisher(redis)
    waker = Waker(redis_url, database=REDIS_DATABASE)
    pool = HttpPool()
    config = ConfigCache(database)
    gateway, memory = llm_gateway(settings, pool), memory_service(settings, pool)
    room = await _tool_room(settings, pool, PolicyBook(database))
    async with Supervisor() as supervisor:
        supervisor.keep_running(publisher.run, name="event publisher")
        context = RunContext(
            database=database,
            publisher=publisher,
            gateway=gateway,
            failpoints=Failpoints(settings.nova_failpoint),
        )
        executors = _executors(memory, ModelWindows(gateway, config), config=config, room=room)
        engine = Engine(context, engine_settings(settings, queue), executors)

        async def join() -> None:
            # Also the second part may lose its database: a worker that starts never ends of it.
            await check_schema(database, version=latest_version())
            await _register(database, engine, settings, queue, room)

        if await _once_it_works(join, ended):
            wake = engine.on_wake
            wakes = WakeWorker(redis_url, database=REDIS_DATABASE, queue=queue, on_wake=wake)
            reaper = Reaper(database, publisher, waker)
            calls = CallWatcher(database, _delegation(settings, pool), waker)
            _keep_working(supervisor, engine, config, reaper=reaper, wakes=wakes, calls=calls)
            supervisor.keep_running(Leftovers(database, room).run, name="clones left behind")
            _log.info("worker is ready", queue=queue, sandbox=room.sandbox.works)
            # What its earlier boot held is free now; the first sweep would come seconds later.
            await wake()
            await ended.wait()
            await engine.stop()
            await publisher.flush()
    await pool.aclose()
    await waker.close()
    await redis.aclose()
    await database.close()


def _keep_working(
    supervisor: Supervisor,
    engine: Engine,
    config: ConfigCache,
    *,
    reaper: Reaper,
    wakes: WakeWorker,
    calls: CallWatcher,
) -> None:
    supervisor.keep_running(config.follow, name="configuration")
    supervisor.keep_running(calls.run, name="external agents")
    supervisor.keep_running(engine.keep_leases, name="heartbeat")
    supervisor.keep_running(engine.watch_cancellations, name="cancellations")
    supervisor.keep_running(reaper.run, name="reaper")
    supervisor.keep_running(wakes.run, name="wake-ups")


def _asked_to_end() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    return ended


def engine_settings(settings: WorkerSettings, queue: str) -> EngineSettings:
    return EngineSettings(
        queue=queue,
        # The host's name keeps replicas apart; it stays the same over restarts of one container.
        name=f"{settings.nova_process_name}@{socket.gethostname()}",
        slots=settings.nova_worker_slots,
        lease_seconds=settings.nova_lease_seconds,
        heartbeat_seconds=settings.nova_heartbeat_seconds,
    )


async def _once_it_works(work: Callable[[], Awaitable[None]], ended: asyncio.Event) -> bool:
    """Do `work` as soon as what it needs is there; False if the worker is to end before that."""
    while not ended.is_set():
        try:
            await work()
        except DependencyDown as error:
            _log.info("waiting", reason=error.detail)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return True
    return False


def _delegation(settings: WorkerSettings, pool: HttpPool) -> Delegation:
    return Delegation(pool, settings.nova_secret_key.get_secret_value())


async def _tool_room(settings: WorkerSettings, pool: HttpPool, policies: PolicyBook) -> ToolRoom:
    tools = ToolSettings(
        state_folder=settings.nova_home.absolute() / "run" / "tools",
        shell_sandbox=settings.shell_sandbox,
        shell_timeout=settings.shell_timeout_seconds,
    )
    Intentions(tools.state_folder).tidy()
    workspace = settings.workspace()
    workspace.mkdir(parents=True, exist_ok=True)
    return ToolRoom(
        registry=ToolRegistry.load(),
        sandbox=await self_test(tools),
        settings=tools,
        workspace=workspace,
        memory=ServiceMemory(memory_service(settings, pool)),
        agents=RunAgents,
        policies=policies,
        endpoints=_delegation(settings, pool).of,
    )


def _executors(
    memory: MemoryServiceClient, windows: ModelWindows, *, config: ConfigCache, room: ToolRoom
) -> dict[str, Executor]:
    turn = TurnExecutor(memory=memory, config=config, room=room, windows=windows)
    pipeline = PipelineExecutor(memory=memory, room=room, windows=windows)
    return {"chat": turn, "agent": turn, "pipeline": pipeline}


async def _register(
    database: Database, engine: Engine, settings: WorkerSettings, queue: str, room: ToolRoom
) -> None:
    async with database.transaction() as connection:
        await worker_queries.register_worker(
            connection,
            engine_settings(settings, queue).name,
            boot_id=engine.boot_id,
            queue=queue,
            pid=os.getpid(),
            sandbox=asdict(room.sandbox),
        )
    await engine.free_earlier_boots()


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs Nova's tasks.")
    parser.add_argument("--queue", choices=["pipeline", "interactive"], required=True)
    queue: str = parser.parse_args().queue
    settings = load_settings(WorkerSettings)
    configure_logging(level=settings.log_level, process=settings.nova_process_name)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(settings, queue))


if __name__ == "__main__":
    main()
