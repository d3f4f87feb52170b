"""SGLang: OpenAI's format, its list of models as vLLM's."""

from services.llm_gateway.providers.catalogue import listed
from services.llm_gateway.providers.vendor import Vendor
from services.llm_gateway.providers.vllm import read_max_model_len

SGLANG = Vendor(
    slug="sglang",
    title="SGLang",
    kind="local",
    missing="Set SGLANG_BASE_URL.",
    key_variable="SGLANG_API_KEY",
    needs_key=False,
    free=True,
    supports=frozenset({"chat", "embeddings", "rerank"}),
    catalogue=listed(read_max_model_len),
)
