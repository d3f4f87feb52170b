"""The dashboard's own health: it can work as soon as there is a build to serve."""

from __future__ import annotations

from typing import Final

import anyio
import httpcore

from services.dashboard.asgi import Send, respond_json
from services.dashboard.settings import Settings
from services.dashboard.static import StaticFiles

_PROBE_SECONDS: Final = 1.0


class Health:
    """Recovery is the one service that the start-up screen needs; without it: degraded."""

    def __init__(
        self, settings: Settings, pool: httpcore.AsyncConnectionPool, static: StaticFiles
    ) -> None:
        self._recovery_url = settings.recovery_url
        self._pool = pool
        self._static = static

    async def __call__(self, send: Send, path: str) -> bool:
        """Answers a health path; False if it is none."""
        if path == "/health/live":
            await respond_json(send, 200, {"status": "alive"})
        elif path in {"/health/ready", "/health/startup"}:
            await self._ready(send)
        else:
            return False
        return True

    async def _ready(self, send: Send) -> None:
        if not self._static.built:
            checks = {"build": "dashboard/dist is missing"}
            await respond_json(
                send,
                503,
                {"status": "starting", "checks": checks},
                headers=[(b"retry-after", b"2")],
            )
            return
        recovery = await self._recovery()
        status = "ready" if recovery == "ok" else "degraded"
        await respond_json(
            send, 200, {"status": status, "checks": {"build": "ok", "recovery": recovery}}
        )

    async def _recovery(self) -> str:
        try:
            with anyio.fail_after(_PROBE_SECONDS):
                response = await self._pool.request("GET", f"{self._recovery_url}/health/live")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            return f"not reachable ({type(error).__name__})"
        except TimeoutError:
            return "does not answer"
        return "ok" if response.status == 200 else f"answers {response.status}"  # noqa: PLR2004 - HTTP
