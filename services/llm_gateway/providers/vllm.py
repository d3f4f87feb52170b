"""vLLM: OpenAI's format; it says how long a context each model was started with."""

from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.catalogue import Entry, listed, whole
from services.llm_gateway.providers.vendor import Vendor


def read_max_model_len(entry: Entry) -> ModelFacts | None:
    return ModelFacts(context_window=whole(entry.get("max_model_len")))


VLLM = Vendor(
    slug="vllm",
    title="vLLM",
    kind="local",
    missing="Set VLLM_BASE_URL.",
    key_variable="VLLM_API_KEY",
    needs_key=False,
    free=True,
    supports=frozenset({"chat", "embeddings", "rerank", "audio"}),
    catalogue=listed(read_max_model_len),
)
