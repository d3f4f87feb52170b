"""OpenRouter: many vendors' models; it tells their prices, and what a call has really cost."""

from dataclasses import replace

from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import Quirks
from services.llm_gateway.providers.catalogue import Entry, inner, listed, priced, texts, whole
from services.llm_gateway.providers.vendor import Vendor


def _read(entry: Entry) -> ModelFacts | None:
    prices = (
        inner(entry, "pricing", name) for name in ("prompt", "completion", "input_cache_read")
    )
    parameters = texts(entry.get("supported_parameters"))
    pictures = "image" in texts(inner(entry, "architecture", "input_modalities"))
    capabilities = ["chat"]
    capabilities += ["tools"] if "tools" in parameters else []
    capabilities += ["vision"] if pictures else []
    capabilities += ["json_schema"] if "structured_outputs" in parameters else []
    return replace(
        priced(*prices),
        context_window=whole(inner(entry, "top_provider", "context_length"))
        or whole(entry.get("context_length")),
        max_output_tokens=whole(inner(entry, "top_provider", "max_completion_tokens")),
        vision=pictures,
        capabilities=tuple(capabilities),
    )


OPENROUTER = Vendor(
    slug="openrouter",
    title="OpenRouter",
    kind="free",
    missing="Set OPENROUTER_API_KEY.",
    default_base="https://openrouter.ai/api/v1",
    key_variable="OPENROUTER_API_KEY",
    headers={"X-Title": "Nova"},
    quirks=Quirks(usage_cost=True),
    preferred=("openrouter/auto",),
    catalogue=listed(_read),
)
