"""LM Studio: OpenAI's format; its own list says kinds and context lengths."""

from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import Quirks
from services.llm_gateway.providers.catalogue import (
    Entry,
    Get,
    Listing,
    nothing_more,
    read_entries,
    whole,
)
from services.llm_gateway.providers.vendor import Vendor

_VERSION = "/v1"


def _read(entry: Entry) -> ModelFacts | None:
    if entry.get("type") == "embeddings":
        return ModelFacts(
            context_window=whole(entry.get("max_context_length")), capabilities=("embedding",)
        )
    vision = entry.get("type") == "vlm"
    return ModelFacts(
        context_window=whole(entry.get("loaded_context_length"))
        or whole(entry.get("max_context_length")),
        vision=vision,
        capabilities=("chat", "tools", *(("vision",) if vision else ())),
    )


async def _catalogue(get: Get, base: str) -> Listing:
    root = base.removesuffix(_VERSION)
    try:
        found = read_entries(await get(f"{root}/api/v0/models"), _read)
    except UpstreamError:
        found = {}
    return found or read_entries(await get(f"{base}/models"), nothing_more)


LMSTUDIO = Vendor(
    slug="lmstudio",
    title="LM Studio",
    kind="local",
    missing="Set LMSTUDIO_BASE_URL.",
    key_variable="LMSTUDIO_API_KEY",
    needs_key=False,
    free=True,
    supports=frozenset({"chat", "embeddings"}),
    quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
    catalogue=_catalogue,
)
