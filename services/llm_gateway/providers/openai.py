"""OpenAI, or another server in its place (OPENAI_API_BASE): requests pass through as they come."""

from urllib.parse import urlsplit

from services.llm_gateway.providers.base import Credentials, ProviderTraits
from services.llm_gateway.providers.locality import is_local_url
from services.llm_gateway.providers.openai_compatible import Choice, OpenAICompatible
from services.llm_gateway.upstream.session import Upstream

SLUG = "openai"
_OFFICIAL_HOST = "api.openai.com"
_PREFERRED = ("gpt-5.4-mini", "gpt-5-mini", "gpt-4.1-mini", "gpt-4o-mini", "gpt-4o")


def openai(
    upstream: Upstream,
    credentials: Credentials,
    *,
    base: str,
    configured: bool,
    default_model: str | None,
) -> OpenAICompatible:
    """One server by its base address (with its "/v1")."""
    official = urlsplit(base).hostname == _OFFICIAL_HOST
    local = is_local_url(base)
    return OpenAICompatible(
        upstream,
        credentials,
        traits=ProviderTraits(
            slug=SLUG,
            title="OpenAI" if official else f"OpenAI-compatible server at {base}",
            kind="local" if local else "paid",
            prefix="",
            local=local,
            official=official,
            free=False,
            auth_methods=("api_key",),
            key_variable="OPENAI_API_KEY",
            wire="openai",
            supports=frozenset({"chat", "embeddings", "rerank", "audio", "images"}),
        ),
        base=lambda: base if configured else "",
        missing="Set OPENAI_API_KEY, or OPENAI_API_BASE for a server of your own.",
        needs_key=False,
        choice=Choice(default_model, _PREFERRED, ("text-embedding-3-small",)),
    )
