"""ACP, the Agent Communication Protocol (agentcommunicationprotocol.dev): runs over REST.

The endpoint's address is the server's, or names the agent: `…/agents/<name>`.
"""

from typing import Any
from urllib.parse import quote

import orjson

from services.kit.http_pool import HttpPool
from services.orchestrator.endpoints.protocols.base import (
    Order,
    Progress,
    RemoteError,
    Target,
    WorkState,
    as_object,
    as_objects,
)
from services.orchestrator.endpoints.protocols.exchange import exchange

_AGENTS = "/agents/"
_FAILED = {"failed", "cancelled", "cancelling", "awaiting"}

JsonDict = dict[str, Any]


class Acp:
    """Implements AgentProtocol. `remote` holds run_id."""

    async def describe(self, pool: HttpPool, target: Target) -> str:
        base, name = await _agent(pool, target)
        agent = as_object(await exchange(pool, target, "GET", f"{base}{_AGENTS}{quote(name)}"))
        return f"{name}, ACP: {agent.get('description') or 'no description'}"

    async def send(self, pool: HttpPool, target: Target, order: Order) -> Progress:
        base, name = await _agent(pool, target)
        parts: list[JsonDict] = []
        if order.message is not None:
            parts.append({"content_type": "text/plain", "content": order.message})
        if order.data is not None:
            content = orjson.dumps(order.data).decode()
            parts.append({"content_type": "application/json", "content": content})
        body = {
            "agent_name": name,
            "input": [{"role": "user", "parts": parts}],
            "mode": "async",
        }
        return _progress(as_object(await exchange(pool, target, "POST", f"{base}/runs", body=body)))

    async def find(self, pool: HttpPool, target: Target, order: Order) -> Progress | None:  # noqa: ARG002 - the protocol's
        return None

    async def look(self, pool: HttpPool, target: Target, remote: JsonDict) -> Progress:
        run = await exchange(pool, target, "GET", _run_url(target, remote))
        return _progress(as_object(run))

    async def cancel(self, pool: HttpPool, target: Target, remote: JsonDict) -> None:
        await exchange(pool, target, "POST", f"{_run_url(target, remote)}/cancel")


async def _agent(pool: HttpPool, target: Target) -> tuple[str, str]:
    """The server's address and the agent's name. Raises RemoteError if there are several."""
    base, found, name = target.url.rstrip("/").partition(_AGENTS)
    if found:
        return base, name
    listed = as_object(await exchange(pool, target, "GET", f"{base}/agents"))
    names = [str(agent.get("name")) for agent in as_objects(listed.get("agents"))]
    if len(names) == 1:
        return base, names[0]
    raise RemoteError(
        f"{target.name} serves {', '.join(names) or 'no agent'}; name one in the endpoint's "
        "address: …/agents/<name>."
    )


def _run_url(target: Target, remote: JsonDict) -> str:
    base = target.url.rstrip("/").partition(_AGENTS)[0]
    return f"{base}/runs/{quote(remote['run_id'], safe='')}"


def _progress(run: JsonDict) -> Progress:
    status = run.get("status")
    remote = {"run_id": str(run.get("run_id"))}
    if status in _FAILED:
        error = run.get("error")
        reason = as_object(error).get("message") if error else "it gave no reason"
        if status == "awaiting":
            reason = "it waits for an answer of a kind that Nova can't give"
        return Progress(WorkState.FAILED, remote, f"{status}: {reason}")
    if status != "completed":
        if not run.get("run_id"):
            raise RemoteError("The answer names no run.")
        return Progress(WorkState.WORKING, remote)
    parts = [
        part
        for message in as_objects(run.get("output"))
        for part in as_objects(message.get("parts"))
    ]
    data = None
    if len(parts) == 1 and parts[0].get("content_type") == "application/json":
        try:
            data = orjson.loads(str(parts[0].get("content")))
        except orjson.JSONDecodeError as error:
            raise RemoteError("The answer says that it is JSON and is not.") from error
    return Progress(WorkState.DONE, remote, "".join(map(_text, parts)), data)


def _text(part: JsonDict) -> str:
    if part.get("content_encoding") == "base64" or part.get("content") is None:
        return f"[a file: {part.get('name') or part.get('content_url') or 'without a name'}]"
    return str(part["content"])
