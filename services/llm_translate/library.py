"""LiteLLM: imported here alone, in a thread at start, because that takes seconds of CPU."""

import asyncio
import importlib
import os
from types import ModuleType

import httpx

from services.kit.errors import DependencyDown

# It prints to stdout, downloads tokenizers in the middle of a call, refuses what it can't map.
_SWITCHES = ("suppress_debug_info", "disable_hf_tokenizer_download", "drop_params")


class Library:
    """The imported module, once it is there."""

    def __init__(self) -> None:
        self._module: ModuleType | None = None

    async def load(self) -> None:
        self._module = await asyncio.to_thread(_import)

    async def check(self) -> None:
        """A readiness check."""
        self.module()

    def module(self) -> ModuleType:
        if self._module is None:
            raise DependencyDown(
                "The translation library is being loaded.", code="starting", retry_after=1.0
            )
        return self._module

    def errors(self) -> tuple[type[Exception], ...]:
        """What a call may raise: OpenAI's tree holds LiteLLM's own; the rest comes from below."""
        openai = importlib.import_module("openai")
        base = importlib.import_module("litellm.llms.base_llm.chat.transformation")
        return (openai.OpenAIError, base.BaseLLMException, httpx.HTTPError)


def _import() -> ModuleType:
    # Read while it is imported; without it the import waits for the network.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # noqa: TID251 - LiteLLM takes it from nowhere else
    module = importlib.import_module("litellm")
    for switch in _SWITCHES:
        setattr(module, switch, True)
    return module
