"""Any agent that takes `{"input": …}` by POST and answers with JSON, in one exchange."""

from typing import Any, cast

import orjson

from services.kit.http_pool import HttpPool
from services.orchestrator.endpoints.protocols.base import (
    NotSent,
    Order,
    Progress,
    Refused,
    RemoteError,
    Target,
    Unclear,
    WorkState,
)
from services.orchestrator.endpoints.protocols.exchange import exchange

_SECONDS = 110.0


class Generic:
    """Implements AgentProtocol. The work is done when the answer comes: there is no `remote`."""

    async def describe(self, pool: HttpPool, target: Target) -> str:
        try:
            # Harmless everywhere, and any answer at all shows that somebody is there.
            await exchange(pool, target, "OPTIONS", target.url, seconds=10.0)
        except (NotSent, Unclear, Refused):
            raise
        except RemoteError as error:
            return f"Somebody is there ({error})"
        return "It answers; whether it works, only a delegation shows."

    async def send(self, pool: HttpPool, target: Target, order: Order) -> Progress:
        given: Any = order.message if order.data is None else order.data
        if order.data is not None and order.message is not None:
            given = {"message": order.message, **order.data}
        # A server that knows the header does the work once, however often it is sent.
        headers = {"Idempotency-Key": str(order.call_id)}
        answer = await exchange(
            pool,
            target,
            "POST",
            target.url,
            body={"input": given},
            headers=headers,
            seconds=_SECONDS,
        )
        if isinstance(answer, dict) and len(cast("dict[str, Any]", answer)) == 1:
            answer = cast("dict[str, Any]", answer).get("output", cast("Any", answer))
        text = answer if isinstance(answer, str) else orjson.dumps(answer).decode()
        return Progress(WorkState.DONE, {}, text, None if isinstance(answer, str) else answer)

    async def find(self, pool: HttpPool, target: Target, order: Order) -> Progress | None:  # noqa: ARG002 - the protocol's
        return None

    async def look(self, pool: HttpPool, target: Target, remote: dict[str, Any]) -> Progress:  # noqa: ARG002 - the protocol's
        raise RemoteError("There is nothing to look at.")

    async def cancel(self, pool: HttpPool, target: Target, remote: dict[str, Any]) -> None:  # noqa: ARG002 - the protocol's
        raise RemoteError("There is nothing to cancel.")
