"""A2A, the Agent2Agent protocol (a2a-protocol.org): versions 1.0 and 0.3 over JSON-RPC.

The agent card says which version is spoken and at which path. A card may lie or be written for
another network: nothing is ever sent to another origin than the endpoint's own.
"""

import contextlib
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson

from services.kit.http_pool import HttpPool
from services.orchestrator.endpoints.protocols.base import (
    Forgotten,
    Order,
    Progress,
    RemoteError,
    Target,
    WorkState,
    as_object,
    as_objects,
)
from services.orchestrator.endpoints.protocols.exchange import exchange

_CARDS = ("/.well-known/agent-card.json", "/.well-known/agent.json")
_METHODS = {
    "1.0": {"send": "SendMessage", "get": "GetTask", "cancel": "CancelTask", "list": "ListTasks"},
    "0.3": {"send": "message/send", "get": "tasks/get", "cancel": "tasks/cancel"},
}
_MODES = ["text/plain", "application/json"]
_TASK_NOT_FOUND = -32001
_FAILED = {"failed", "canceled", "rejected", "auth-required"}
_NOBODYS_TASK = "00000000-0000-0000-0000-000000000000"

JsonDict = dict[str, Any]


class A2a:
    """Implements AgentProtocol. `remote` holds url, version, task_id and context_id."""

    async def describe(self, pool: HttpPool, target: Target) -> str:
        card = await _card(pool, target)
        link = _link(card, target)
        # A task that nobody has: the answer shows that the credential is good.
        with contextlib.suppress(Forgotten):
            await _call(pool, target, link, "get", {"id": _NOBODYS_TASK})
        name, version = card.get("name") or "an agent without a name", link["version"]
        return f"{name}, A2A {version}: {card.get('description') or 'no description'}"

    async def send(self, pool: HttpPool, target: Target, order: Order) -> Progress:
        link = _link(await _card(pool, target), target)
        result = await _call(pool, target, link, "send", _send_params(link, order))
        found = as_object(result.get("task") or result.get("message") or result)
        if "parts" in found:
            return Progress(WorkState.DONE, link, *_content(as_objects(found["parts"])))
        return _progress(link, found)

    async def find(self, pool: HttpPool, target: Target, order: Order) -> Progress | None:
        link = _link(await _card(pool, target), target)
        if "list" not in _METHODS[link["version"]]:
            return None
        params = {"contextId": str(order.call_id), "includeArtifacts": True}
        result = await _call(pool, target, link, "list", params)
        tasks = as_objects(result.get("tasks"))
        return _progress(link, tasks[0]) if tasks else None

    async def look(self, pool: HttpPool, target: Target, remote: JsonDict) -> Progress:
        result = await _call(pool, target, remote, "get", {"id": remote["task_id"]})
        return _progress(remote, result)

    async def cancel(self, pool: HttpPool, target: Target, remote: JsonDict) -> None:
        await _call(pool, target, remote, "cancel", {"id": remote["task_id"]})


async def _card(pool: HttpPool, target: Target) -> JsonDict:
    path = urlsplit(target.url).path
    if path.endswith(".json"):
        return as_object(await exchange(pool, target, "GET", target.url))
    for place in _CARDS:
        try:
            return as_object(await exchange(pool, target, "GET", target.url.rstrip("/") + place))
        except Forgotten:
            continue
    raise RemoteError(f"{target.name} has no agent card under {target.url}.")


def _link(card: JsonDict, target: Target) -> JsonDict:
    """Where JSON-RPC is spoken and in which version; 1.0 is preferred. Raises RemoteError."""
    offered = as_objects(card.get("supportedInterfaces"))
    if not offered:
        # The card of 0.3: one address, and perhaps others beside it.
        first = {"url": card.get("url"), "transport": card.get("preferredTransport", "JSONRPC")}
        offered = [first, *as_objects(card.get("additionalInterfaces"))]
    found: dict[str, str] = {}
    for one in offered:
        binding = one.get("protocolBinding") or one.get("transport")
        version = str(one.get("protocolVersion") or "0.3")
        known = "1.0" if version.startswith("1.") else "0.3" if version.startswith("0.") else ""
        if str(binding).upper() == "JSONRPC" and known and one.get("url"):
            found.setdefault(known, _at_home(str(one["url"]), target))
    for version in _METHODS:
        if version in found:
            return {"url": found[version], "version": version}
    raise RemoteError(f"{target.name} offers no A2A over JSON-RPC in version 1.0 or 0.3.")


def _at_home(url: str, target: Target) -> str:
    """The address with the endpoint's own origin."""
    own, given = urlsplit(target.url), urlsplit(url)
    return urlunsplit((own.scheme, own.netloc, given.path or "/", given.query, ""))


def _send_params(link: JsonDict, order: Order) -> JsonDict:
    texts: list[JsonDict] = [] if order.message is None else [{"text": order.message}]
    parts = texts + ([] if order.data is None else [{"data": order.data}])
    message: JsonDict = {"messageId": str(order.call_id)}
    if order.reply_to is not None:
        message["taskId"] = order.reply_to
    if link["version"] == "1.0":
        message |= {"role": "ROLE_USER", "parts": parts}
        if order.reply_to is None:
            # Known beforehand, it finds the task again of which no answer has come.
            message["contextId"] = str(order.call_id)
        asked: JsonDict = {"returnImmediately": True, "acceptedOutputModes": _MODES}
    else:
        kinds = [{"kind": next(iter(part)), **part} for part in parts]
        message |= {"kind": "message", "role": "user", "parts": kinds}
        asked = {"blocking": False, "acceptedOutputModes": _MODES}
    return {"message": message, "configuration": asked}


async def _call(
    pool: HttpPool, target: Target, link: JsonDict, what: str, params: JsonDict
) -> JsonDict:
    version = link["version"]
    body = {"jsonrpc": "2.0", "id": 1, "method": _METHODS[version][what], "params": params}
    headers = {"A2A-Version": version}
    answer = as_object(
        await exchange(pool, target, "POST", link["url"], body=body, headers=headers)
    )
    if (error := answer.get("error")) is not None:
        told = as_object(error)
        text = f"{target.name} answered: {told.get('message')} ({told.get('code')})"
        raise Forgotten(text) if told.get("code") == _TASK_NOT_FOUND else RemoteError(text)
    return as_object(answer.get("result"))


def _progress(link: JsonDict, task: JsonDict) -> Progress:
    status = as_object(task.get("status"))
    state = str(status.get("state")).removeprefix("TASK_STATE_").lower().replace("_", "-")
    remote = {**link, "task_id": str(task.get("id")), "context_id": task.get("contextId")}
    said = as_objects(as_object(status.get("message")).get("parts"))
    if state in _FAILED:
        reason = _content(said)[0] or "it gave no reason"
        return Progress(WorkState.FAILED, remote, f"{state}: {reason}")
    if state == "input-required":
        return Progress(WorkState.DONE, remote, _content(said)[0], asks=True)
    if state == "completed":
        parts = [
            part
            for artifact in as_objects(task.get("artifacts"))
            for part in as_objects(artifact.get("parts"))
        ]
        return Progress(WorkState.DONE, remote, *_content(parts or said))
    if not task.get("id"):
        raise RemoteError("The answer names no task, and is no message either.")
    return Progress(WorkState.WORKING, remote)


def _content(parts: list[JsonDict]) -> tuple[str, Any]:
    """The parts as one text, and the data if they are one piece of data."""
    texts: list[str] = []
    data: list[Any] = []
    for part in parts:
        if "text" in part:
            texts.append(str(part["text"]))
        elif "data" in part:
            data.append(part["data"])
            texts.append(orjson.dumps(part["data"]).decode())
        else:
            file = as_object(part.get("file") or part)
            name = file.get("filename") or file.get("name") or file.get("url") or file.get("uri")
            texts.append(f"[a file: {name or 'without a name'}]")
    return "\n".join(texts), data[0] if len(data) == 1 and len(texts) == 1 else None
