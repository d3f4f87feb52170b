"""LiteLLM: imported here alone, in a thread at start, because that takes seconds of CPU."""

import asyncio
import importlib
import os
from types import ModuleType
from typing import Any, cast

from contracts.translate import TranslateCode
from services.kit.errors import DependencyDown
from services.llm_translate.vendors.plain_talk import Templates

# It prints to stdout, downloads tokenizers in the middle of a call, refuses what it can't map.
_SWITCHES = ("suppress_debug_info", "disable_hf_tokenizer_download", "drop_params")
# Read while it is imported, and with the first call to Anthropic: each would fetch a file.
_OFFLINE = ("LITELLM_LOCAL_MODEL_COST_MAP", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS")
_MOST_CONFIGS = 512


class Library:
    """The imported module, once it is there."""

    def __init__(self) -> None:
        self._module: ModuleType | None = None
        self.templates = Templates()
        self._configs: dict[tuple[str, str], tuple[Any, frozenset[str]]] = {}

    async def load(self) -> None:
        self._module = await asyncio.to_thread(_import)

    async def check(self) -> None:
        """A readiness check."""
        self.module()

    def module(self) -> ModuleType:
        """Raises DependencyDown while it is being imported."""
        if self._module is None:
            raise DependencyDown(
                "The translation library is being loaded.",
                code=TranslateCode.STARTING,
                retry_after=1.0,
            )
        return self._module

    def part(self, name: str) -> ModuleType:
        """A module of its own, imported with the first call that needs it."""
        return importlib.import_module(f"litellm.{name}")

    def chat_config(self, provider: str, model: str) -> tuple[Any, frozenset[str]]:
        """The provider's transformations (a BaseConfig), and the parameters that they know."""
        found = self._configs.get((provider, model))
        if found is None:
            kind = self.part("types.utils").LlmProviders(provider)
            manager = self.part("utils").ProviderConfigManager
            config = manager.get_provider_chat_config(model, kind)
            found = (config, frozenset(config.get_supported_openai_params(model)))
            if len(self._configs) >= _MOST_CONFIGS:
                self._configs.clear()
            self._configs[provider, model] = found
        return found

    def checked_messages(self, config: Any, messages: list[Any]) -> list[Any]:
        """The messages as `acompletion` has them before it translates."""
        checked = self.part("utils").validate_and_fix_openai_messages(messages)
        return cast("list[Any]", config.translate_developer_role_to_system_role(messages=checked))


class Silent:
    """Stands where LiteLLM expects its logger."""

    def __init__(self) -> None:
        self.optional_params: dict[str, Any] = {}

    def post_call(self, *_: object, **__: object) -> None:
        """Nothing is logged."""


def _import() -> ModuleType:
    for name in _OFFLINE:
        os.environ[name] = "True"  # noqa: TID251 - LiteLLM takes it from nowhere else
    module = importlib.import_module("litellm")
    for switch in _SWITCHES:
        setattr(module, switch, True)
    return module
