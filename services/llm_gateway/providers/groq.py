"""Groq: OpenAI's format, without some of its fields in answers."""

from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.catalogue import Entry, listed, whole
from services.llm_gateway.providers.vendor import Vendor


def _read(entry: Entry) -> ModelFacts | None:
    if entry.get("active") is False:
        return None
    return ModelFacts(
        context_window=whole(entry.get("context_window")),
        max_output_tokens=whole(entry.get("max_completion_tokens")),
    )


GROQ = Vendor(
    slug="groq",
    title="Groq",
    kind="free",
    missing="Set GROQ_API_KEY.",
    default_base="https://api.groq.com/openai/v1",
    key_variable="GROQ_API_KEY",
    supports=frozenset({"chat", "audio"}),
    preferred=("openai/gpt-oss-120b", "llama-3.3-70b-versatile", "openai/gpt-oss-20b"),
    catalogue=listed(_read),
)
