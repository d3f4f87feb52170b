"""Servers of one's own that speak OpenAI's format: any number, by configuration."""

from dataclasses import replace

from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.catalogue import Entry, inner, listed, texts, whole
from services.llm_gateway.providers.vendor import Vendor


def _read(entry: Entry) -> ModelFacts | None:
    """What other servers than OpenAI's say of the context, under the names in use."""
    names = ("context_window", "context_length", "max_model_len", "max_context_length")
    window = next((found for name in names if (found := whole(entry.get(name)))), None)
    capabilities = texts(entry.get("capabilities"))
    return ModelFacts(
        context_window=window or whole(inner(entry, "meta", "n_ctx_train")),
        max_output_tokens=whole(entry.get("max_completion_tokens")),
        vision="vision" in capabilities or None,
    )


_CUSTOM = Vendor(
    slug="custom",
    title="Custom server",
    kind="paid",
    missing="Set its base_url.",
    key_variable=None,
    needs_key=False,
    supports=frozenset({"chat", "embeddings", "rerank", "audio", "images"}),
    catalogue=listed(_read),
)


def custom_vendor(setup: Setup) -> Vendor:
    return replace(_CUSTOM, slug=setup.slug, title=setup.slug)
