"""The part of llm-gateway's settings that says which providers there are."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr, model_validator

from services.kit.settings import DatabaseSettings


def _is_url(value: str) -> str:
    if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
        raise ValueError("must begin with http:// or https://")
    return value.rstrip("/")


RESERVED_SLUGS = frozenset({"auto", "nova", "models", "providers", "local", "offline"})
"""What model ids and routes use otherwise, and the providers that Nova brings along."""

Url = Annotated[str, AfterValidator(_is_url)]


class CustomProvider(BaseModel):
    """A server of one's own that speaks OpenAI's format; its models are `<slug>/<model>`."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    base_url: Url
    title: str | None = None
    api_key: SecretStr | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict[str, SecretStr])
    local: bool | None = None
    default_model: str | None = None


class ProviderSettings(DatabaseSettings):
    """Keys, addresses and default models; a key variable may hold several, with commas between.

    What is set at run time wins over these. A provider's `_base_url` and `_api_base` are the same.
    """

    openai_api_key: SecretStr | None = None
    openai_api_base: Url = ""
    openai_base_url: Url = ""
    default_openai_model: str | None = None

    anthropic_api_key: SecretStr | None = None
    anthropic_api_base: Url = ""
    anthropic_base_url: Url = ""
    default_anthropic_model: str | None = None

    claude_code_oauth_token: SecretStr | None = None
    claude_max_api_base: Url = ""
    claude_max_base_url: Url = ""
    claude_max_token_url: Url = ""
    default_claude_max_model: str | None = None
    claude_config_dir: Path = Field(default_factory=lambda: Path.home() / ".claude")

    chatgpt_access_token: SecretStr | None = None
    chatgpt_api_base: Url = ""
    chatgpt_base_url: Url = ""
    chatgpt_token_url: Url = ""
    default_chatgpt_model: str | None = None
    codex_home: Path = Field(default_factory=lambda: Path.home() / ".codex")

    nova_cli_logins: bool = True
    """Use the logins that the command lines of Claude and Codex keep in their files."""

    groq_api_key: SecretStr | None = None
    groq_api_base: Url = ""
    groq_base_url: Url = ""
    default_groq_model: str | None = None

    gemini_api_key: SecretStr | None = None
    gemini_api_base: Url = ""
    gemini_base_url: Url = ""
    default_gemini_model: str | None = None

    cerebras_api_key: SecretStr | None = None
    cerebras_api_base: Url = ""
    cerebras_base_url: Url = ""
    default_cerebras_model: str | None = None

    openrouter_api_key: SecretStr | None = None
    openrouter_api_base: Url = ""
    openrouter_base_url: Url = ""
    default_openrouter_model: str | None = None

    github_token: SecretStr | None = None
    github_api_base: Url = ""
    github_base_url: Url = ""
    default_github_model: str | None = None

    ollama_api_base: Url = ""
    ollama_base_url: Url = ""
    default_ollama_model: str | None = None

    vllm_api_key: SecretStr | None = None
    vllm_api_base: Url = ""
    vllm_base_url: Url = ""
    default_vllm_model: str | None = None

    sglang_api_key: SecretStr | None = None
    sglang_api_base: Url = ""
    sglang_base_url: Url = ""
    default_sglang_model: str | None = None

    llamacpp_api_key: SecretStr | None = None
    llamacpp_api_base: Url = ""
    llamacpp_base_url: Url = ""
    default_llamacpp_model: str | None = None

    lmstudio_api_key: SecretStr | None = None
    lmstudio_api_base: Url = ""
    lmstudio_base_url: Url = ""
    default_lmstudio_model: str | None = None

    nova_custom_providers: list[CustomProvider] = Field(default_factory=list[CustomProvider])
    """Servers of one's own, as JSON."""

    wol_mac_address: str = ""
    wol_broadcast_ip: str = ""
    wol_wait_seconds: float = Field(default=90.0, gt=0)
    """How long a call waits for the machine that it has woken."""

    @model_validator(mode="after")
    def _slugs_are_free(self) -> Self:
        slugs = [custom.slug for custom in self.nova_custom_providers]
        if len(set(slugs)) < len(slugs):
            raise ValueError("NOVA_CUSTOM_PROVIDERS names a slug twice")
        for slug in slugs:
            if slug in RESERVED_SLUGS or self._value(slug, "base_url") is not None:
                raise ValueError(
                    f"NOVA_CUSTOM_PROVIDERS: {slug!r} is a name that Nova uses; choose another slug"
                )
        return self

    def address(self, slug: str) -> str:
        """What the environment says of a provider's address; "" if nothing."""
        return self._value(slug, "base_url") or self._value(slug, "api_base") or ""

    def keys(self, variable: str | None) -> tuple[SecretStr, ...]:
        """The keys in an environment variable."""
        if variable is None:
            return ()
        given: SecretStr | None = getattr(self, variable.lower(), None)
        words = [] if given is None else given.get_secret_value().split(",")
        return tuple(SecretStr(word.strip()) for word in words if word.strip())

    def default_model(self, slug: str) -> str | None:
        return getattr(self, f"default_{slug.replace('-', '_')}_model", None)

    def _value(self, slug: str, name: str) -> str | None:
        return getattr(self, f"{slug.replace('-', '_')}_{name}", None)
