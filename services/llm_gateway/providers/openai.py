"""OpenAI, or another server in its place (OPENAI_API_BASE): requests pass through as they come."""

import re
from dataclasses import replace

from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.providers.base import Quirks
from services.llm_gateway.providers.vendor import Vendor, is_official

_BASE = "https://api.openai.com/v1"
OPENAI = Vendor(
    slug="openai",
    title="OpenAI",
    kind="paid",
    missing="Set OPENAI_API_KEY, or OPENAI_API_BASE for a server of your own.",
    default_base=_BASE,
    prefix="",
    key_variable="OPENAI_API_KEY",
    supports=frozenset({"chat", "embeddings", "rerank", "audio", "images"}),
    quirks=Quirks(
        output_limit="max_completion_tokens",
        reasoning=re.compile(r"^(?:o\d|gpt-(?:[5-9]|\d\d))"),
    ),
    preferred=("gpt-5.4-mini", "gpt-5-mini", "gpt-4.1-mini", "gpt-4o-mini", "gpt-4o"),
    preferred_embedding=("text-embedding-3-small",),
)


def openai_vendor(setup: Setup) -> Vendor:
    """Another server in OpenAI's place may ask for no key, and takes max_tokens for any model."""
    if is_official(_BASE, setup.base_url):
        return OPENAI
    title = f"OpenAI-compatible server at {setup.base_url}"
    return replace(OPENAI, title=title, needs_key=False, quirks=Quirks())
