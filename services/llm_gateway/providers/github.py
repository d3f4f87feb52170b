"""GitHub Models: OpenAI's format below /inference, the list of models in a catalogue beside it."""

import re

from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import Quirks
from services.llm_gateway.providers.catalogue import (
    Entry,
    Get,
    Listing,
    inner,
    read_entries,
    texts,
    whole,
)
from services.llm_gateway.providers.vendor import Vendor

_INFERENCE = "/inference"


def _read(entry: Entry) -> ModelFacts | None:
    outputs = texts(entry.get("supported_output_modalities"))
    given = texts(entry.get("capabilities"))
    if outputs and "text" not in outputs:
        if "embeddings" in outputs:
            return ModelFacts(capabilities=("embedding",))
        return None
    pictures = "image" in texts(entry.get("supported_input_modalities"))
    capabilities = ("chat", *(("tools",) if "tool-calling" in given else ()))
    return ModelFacts(
        context_window=whole(inner(entry, "limits", "max_input_tokens")),
        max_output_tokens=whole(inner(entry, "limits", "max_output_tokens")),
        vision=pictures,
        capabilities=(*capabilities, *(("vision",) if pictures else ())),
    )


async def _catalogue(get: Get, base: str) -> Listing:
    return read_entries(await get(f"{base.removesuffix(_INFERENCE)}/catalog/models"), _read)


GITHUB = Vendor(
    slug="github",
    title="GitHub Models",
    kind="free",
    missing="Set GITHUB_TOKEN to a token that may read models.",
    default_base=f"https://models.github.ai{_INFERENCE}",
    key_variable="GITHUB_TOKEN",
    supports=frozenset({"chat", "embeddings"}),
    headers={"X-GitHub-Api-Version": "2022-11-28"},
    quirks=Quirks(reasoning=re.compile(r"^openai/(?:o\d|gpt-(?:[5-9]|\d\d))")),
    preferred=("openai/gpt-4.1", "openai/gpt-4o", "openai/gpt-4o-mini"),
    preferred_embedding=("openai/text-embedding-3-small",),
    catalogue=_catalogue,
)
