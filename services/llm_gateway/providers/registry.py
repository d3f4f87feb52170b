"""Builds every provider from the settings; a new vendor is one more line here."""

from services.kit.config import ConfigCache
from services.llm_gateway.providers.anthropic import AnthropicProvider
from services.llm_gateway.providers.base import Provider
from services.llm_gateway.providers.environment_keys import EnvironmentKeys
from services.llm_gateway.providers.offline.provider import OfflineProvider
from services.llm_gateway.providers.ollama import OllamaProvider
from services.llm_gateway.providers.openai import openai
from services.llm_gateway.providers.translation import Translator
from services.llm_gateway.settings import Settings
from services.llm_gateway.upstream.session import Upstream


def build_providers(
    settings: Settings, config: ConfigCache, *, upstream: Upstream, translator: Translator
) -> dict[str, Provider]:
    """By slug, in the order in which `auto` tries providers of the same kind."""
    credentials = EnvironmentKeys(
        {"openai": settings.openai_api_key, "anthropic": settings.anthropic_api_key}
    )

    def ollama_url() -> str:
        return str(
            config.get("llm.ollama_url") or settings.ollama_base_url or settings.ollama_api_base
        ).rstrip("/")

    providers: list[Provider] = [
        OllamaProvider(
            upstream, translator, url=ollama_url, default_model=settings.default_ollama_model
        ),
        openai(
            upstream,
            credentials,
            base=settings.openai_base(),
            configured=bool(settings.openai_api_key or settings.openai_api_base),
            default_model=settings.default_openai_model,
        ),
        AnthropicProvider(
            upstream,
            translator,
            credentials,
            base=settings.anthropic_api_base,
            default_model=settings.default_anthropic_model,
        ),
        OfflineProvider(settings.nova_offline_script),
    ]
    return {provider.traits.slug: provider for provider in providers}
