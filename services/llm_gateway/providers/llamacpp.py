"""llama.cpp's server: OpenAI's format; /props says how long the context is that it was given."""

from dataclasses import replace

from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import Quirks
from services.llm_gateway.providers.catalogue import (
    Entry,
    Get,
    Listing,
    inner,
    json_object,
    read_entries,
    whole,
)
from services.llm_gateway.providers.vendor import Vendor

_VERSION = "/v1"


def _read(entry: Entry) -> ModelFacts | None:
    return ModelFacts(context_window=whole(inner(entry, "meta", "n_ctx_train")))


async def _catalogue(get: Get, base: str) -> Listing:
    found = read_entries(await get(f"{base}/models"), _read)
    try:
        props = json_object(await get(f"{base.removesuffix(_VERSION)}/props"))
    except (ProviderDown, UpstreamError):
        return found  # a proxy may show no more than /v1
    window = whole(inner(props, "default_generation_settings", "n_ctx"))
    vision = inner(props, "modalities", "vision")
    return {
        name: replace(
            facts,
            context_window=window or facts.context_window,
            vision=vision if isinstance(vision, bool) else None,
        )
        for name, facts in found.items()
    }


LLAMACPP = Vendor(
    slug="llamacpp",
    title="llama.cpp",
    kind="local",
    missing="Set LLAMACPP_BASE_URL.",
    key_variable="LLAMACPP_API_KEY",
    needs_key=False,
    free=True,
    supports=frozenset({"chat", "embeddings", "rerank"}),
    quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
    catalogue=_catalogue,
)
