"""The health routes: alive, ready (its dependencies can be used), started."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Response

from contracts.health import Liveness, Readiness
from services.kit.errors import NovaError

Check = Callable[[], Awaitable[None]]
"""Returns when the dependency works; raises NovaError with the reason when not."""

_CHECK_SECONDS = 3.0


class Health:
    """`required` must all pass once before the process counts as ready; later failures degrade it."""

    def __init__(
        self,
        required: Mapping[str, Check] | None = None,
        *,
        optional: Mapping[str, Check] | None = None,
    ) -> None:
        self._required = dict(required or {})
        self._optional = dict(optional or {})
        self._was_ready = False

    async def readiness(self) -> Readiness:
        names = [*self._required, *self._optional]
        outcomes = await asyncio.gather(
            *(_outcome(check) for check in [*self._required.values(), *self._optional.values()])
        )
        checks = dict(zip(names, outcomes, strict=True))
        if all(checks[name] == "ok" for name in self._required):
            self._was_ready = True
        if not self._was_ready:
            return Readiness(status="starting", checks=checks)
        good = all(outcome == "ok" for outcome in outcomes)
        return Readiness(status="ready" if good else "degraded", checks=checks)


async def _outcome(check: Check) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except NovaError as error:
        return error.detail
    except TimeoutError:
        return f"no answer within {_CHECK_SECONDS:.0f} s"
    return "ok"


def health_router(health: Health) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> Liveness:
        return Liveness()

    @router.get("/ready", responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        readiness = await health.readiness()
        if readiness.status == "starting":
            response.status_code = 503
            response.headers["Retry-After"] = "1"
        return readiness

    router.add_api_route("/startup", ready, responses={503: {"model": Readiness}})
    return router
