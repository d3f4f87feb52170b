"""Anthropic's own count of a request's tokens."""

from collections.abc import Mapping
from dataclasses import replace

import orjson

from services.llm_gateway.dialects.deltas import as_object
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.upstream.session import Upstream

_PATH = "/messages/count_tokens"
_MOST_KEYS = 4
_BETA = "anthropic-beta"


async def counted(
    upstream: Upstream, target: Target, body: JsonDict, headers: Mapping[str, str]
) -> int:
    """Raises UpstreamError or ProviderDown. It costs nothing, so that it is not metered."""
    provider, slug = target.provider, target.provider.traits.slug
    for left in reversed(range(_MOST_KEYS)):
        endpoint = provider.endpoint(_PATH)
        if endpoint is None:
            break
        asked = replace(endpoint, headers=with_clients(endpoint.headers, headers))
        try:
            data = await upstream.post(slug, asked, {**body, "model": target.model})
        except UpstreamError as error:
            if not provider.refused(endpoint, error) or not left:
                raise
            continue
        return _count(slug, data)
    raise UpstreamError(slug, 404, "it does not count tokens")


def with_clients(own: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The headers of an endpoint with those of the client; betas are those of both."""
    betas = [own.get(_BETA, ""), given.get(_BETA, "")]
    both = dict.fromkeys(beta.strip() for beta in ",".join(betas).split(",") if beta.strip())
    return {**own, **given, **({_BETA: ",".join(both)} if both else {})}


def _count(slug: str, data: bytes) -> int:
    try:
        count = as_object(orjson.loads(data)).get("input_tokens")
    except orjson.JSONDecodeError:
        count = None
    if not isinstance(count, int):
        raise UpstreamError(slug, 0, "its count of tokens can't be read")
    return count
