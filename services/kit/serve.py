"""Serves one ASGI app with granian inside this process.

    python -m services.kit.serve services.NAME.main:app HOST PORT [--ws]

granian's own command starts a main process beside each worker, to supervise it. On bare metal the
keeper does that already, and six main processes would cost 100 MB and a second of start-up.
"""

import asyncio
import gc
import importlib
import logging
import signal
import sys
from typing import Any

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels, logger
from granian.server.embed import Server

from services.kit.launch.ports import is_taken

# The keeper kills after 2.5 s. What is still open by then (event streams are open for ever) is
# cancelled before, so that the app's lifespan ends in order.
_DRAIN_SECONDS = 0.7


def main(arguments: list[str]) -> int:
    websockets = "--ws" in arguments
    target, host, port = (word for word in arguments if word != "--ws")
    if is_taken(host, int(port)):  # granian would share it silently with whoever listens there
        sys.stderr.write(f"Port {port} of {host} is taken.\n")
        return 1
    app = _loaded(target)
    return uvloop.run(_serve(app, host=host, port=int(port), websockets=websockets))


def _loaded(target: str) -> Any:
    """The app, with all that its imports have made out of the collector's sight: it stays, and to
    look through it would stop every request for some 60 ms.
    """
    module, _, attribute = target.partition(":")
    gc.disable()
    try:
        app = getattr(importlib.import_module(module), attribute)
        gc.freeze()
    finally:
        gc.enable()
    return app


async def _serve(app: Any, *, host: str, port: int, websockets: bool) -> int:
    """Serve until asked to stop; the exit code tells a failed start from a stop."""
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=websockets,
        backlog=1024,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    asked = False

    def stop() -> None:
        nonlocal asked
        asked = True
        server.stop()
        loop.call_later(_DRAIN_SECONDS, _cancel_requests)

    # SIGHUP asks for a reload: the keeper starts us again.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    await server.serve()
    return 0 if asked else 1


def _cancel_requests() -> None:
    """Cancel the tasks in which granian runs the app, one for each open request."""
    logger.setLevel(logging.CRITICAL)  # it reports each of them with its stack
    for task in asyncio.all_tasks():
        coroutine = task.get_coro()
        if "future_watcher" in getattr(coroutine, "__qualname__", ""):
            task.cancel()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
