"""Which requests may be answered from the cache, and under what key."""

import hashlib
from collections.abc import Mapping
from typing import Any, cast

import orjson

from services.kit.auth import Principal
from services.llm_gateway.providers.base import JsonDict

# They change how an answer is sent or what it costs, not what it says.
_IGNORED = frozenset(
    (
        *("stream", "stream_options", "metadata", "prompt_cache_key", "prompt_cache_retention"),
        *("prompt_cache_options", "service_tier"),
    )
)
# What is asked for has an effect elsewhere, or depends on more than the request.
_OUTSIDE = ("store", "web_search_options", "background", "previous_response_id", "conversation")
_NO_STORE = frozenset({"no-store", "no-cache"})


def cache_key(
    principal: Principal,
    body: Mapping[str, Any],
    *,
    target_id: str,
    dialect: str = "openai",
    headers: Mapping[str, str] | None = None,
) -> str | None:
    """The key of a request's answer, or None for one that has to be asked anew.

    It holds the tenant, so that no answer goes from one key's users to another's. `target_id` is
    the model that `auto` meant, `dialect` the form of body and answer, `headers` the client's.
    """
    if not _is_fixed(body) or _opted_out(body, headers or {}):
        return None
    kept = {name: value for name, value in body.items() if name not in _IGNORED}
    kept["model"] = target_id
    try:
        text = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return None
    # Each with its length, so that no two triples run together to the same text.
    digest = hashlib.sha256()
    for part in (tenant_of(principal).encode(), dialect.encode(), text):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def tenant_of(principal: Principal) -> str:
    """Who shares answers: those that call with, or on behalf of, one API key; or all of the admin's."""
    if principal.key_id is not None:
        return f"key {principal.key_id}"
    return "anonymous" if principal.kind == "anonymous" else "admin"


def _is_fixed(body: Mapping[str, Any]) -> bool:
    """Whether the answer hangs on the request alone: temperature 0, and nothing looked up."""
    temperature = body.get("temperature")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or temperature:
        return False
    if any(body.get(name) for name in _OUTSIDE):
        return False
    tools: Any = body.get("tools") or []
    return isinstance(tools, list) and all(
        isinstance(tool, dict) and _is_clients_own(cast("JsonDict", tool))
        for tool in cast("list[Any]", tools)
    )


def _is_clients_own(tool: JsonDict) -> bool:
    """A function that the client runs; a provider's own tools look things up. Anthropic's have no type."""
    return tool.get("type", "function") in {"function", "custom"}


def _opted_out(body: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    asked = headers.get("cache-control", "").lower()
    if _NO_STORE & {word.strip() for word in asked.split(",")}:
        return True
    metadata: Any = body.get("metadata")
    if not isinstance(metadata, dict):
        return False
    return cast("JsonDict", metadata).get("nova_cache") in {"off", False}
