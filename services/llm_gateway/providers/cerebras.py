"""Cerebras: OpenAI's format; it refuses a few fields, and streams give usage without being asked."""

from services.llm_gateway.providers.base import Quirks
from services.llm_gateway.providers.vendor import Vendor

CEREBRAS = Vendor(
    slug="cerebras",
    title="Cerebras",
    kind="free",
    missing="Set CEREBRAS_API_KEY.",
    default_base="https://api.cerebras.ai/v1",
    key_variable="CEREBRAS_API_KEY",
    quirks=Quirks(
        drops=frozenset(
            {"frequency_penalty", "presence_penalty", "logit_bias", "service_tier", "store"}
        ),
        stream_usage=False,
        output_limit="max_completion_tokens",
    ),
    preferred=("gpt-oss-120b", "qwen-3.8-27b", "llama-3.3-70b"),
)
