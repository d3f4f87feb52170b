"""Every provider as it is set up now; a new vendor is one more line here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from services.kit.config import ConfigCache
from services.llm_gateway.credentials.pool import Pool
from services.llm_gateway.credentials.setups import Credential, EnvironmentSetup, Setup, Setups
from services.llm_gateway.credentials.store import ProviderStore
from services.llm_gateway.embeddings.local.service import LocalModel
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.ollama.waking import Waker
from services.llm_gateway.provider_settings import CustomProvider
from services.llm_gateway.providers import chatgpt, claude_max
from services.llm_gateway.providers.anthropic import ANTHROPIC, AnthropicProvider
from services.llm_gateway.providers.base import Provider
from services.llm_gateway.providers.cerebras import CEREBRAS
from services.llm_gateway.providers.chatgpt import CHATGPT, ChatGPTProvider
from services.llm_gateway.providers.claude_max import CLAUDE_MAX, ClaudeMaxProvider
from services.llm_gateway.providers.cli_login import CliLogin, LoginForm
from services.llm_gateway.providers.custom import custom_vendor
from services.llm_gateway.providers.gemini import GEMINI, GeminiProvider
from services.llm_gateway.providers.github import GITHUB
from services.llm_gateway.providers.groq import GROQ
from services.llm_gateway.providers.llamacpp import LLAMACPP
from services.llm_gateway.providers.lmstudio import LMSTUDIO
from services.llm_gateway.providers.local import LocalProvider
from services.llm_gateway.providers.offline.provider import OfflineProvider
from services.llm_gateway.providers.ollama import OLLAMA, OllamaProvider
from services.llm_gateway.providers.openai import OPENAI, openai_vendor
from services.llm_gateway.providers.openrouter import OPENROUTER
from services.llm_gateway.providers.sglang import SGLANG
from services.llm_gateway.providers.translation import Translator
from services.llm_gateway.providers.vendor import Vendor, build, with_version
from services.llm_gateway.providers.vllm import VLLM
from services.llm_gateway.settings import Settings
from services.llm_gateway.upstream.session import Upstream

# The order in which `auto` tries those of the same place.
VENDORS = (
    *(OLLAMA, VLLM, SGLANG, LLAMACPP, LMSTUDIO),
    *(OPENAI, ANTHROPIC, CLAUDE_MAX, CHATGPT),
    *(GEMINI, GROQ, CEREBRAS, OPENROUTER, GITHUB),
)
_PLAIN = (VLLM, SGLANG, LLAMACPP, LMSTUDIO, GROQ, CEREBRAS, OPENROUTER, GITHUB)
_PROBE_SECONDS = 2.0

Build = Callable[[Setup], Provider]


def environment_setups(settings: Settings, config: ConfigCache) -> dict[str, EnvironmentSetup]:
    """What the environment says of each vendor and custom server, by slug."""

    def ollama_base() -> str:
        configured = str(config.get("llm.ollama_url") or "").rstrip("/")
        return configured or settings.address(OLLAMA.slug)

    found = {vendor.slug: _environment(settings, vendor) for vendor in VENDORS}
    found[OLLAMA.slug] = EnvironmentSetup(
        base_url=ollama_base, default_model=settings.default_model(OLLAMA.slug)
    )
    for custom in settings.nova_custom_providers:
        if custom.slug not in found:
            found[custom.slug] = _custom(custom)
    return found


def _environment(settings: Settings, vendor: Vendor) -> EnvironmentSetup:
    base = settings.address(vendor.slug)
    return EnvironmentSetup(
        base_url=lambda: base,
        default_base=vendor.default_base,
        keys=settings.keys(vendor.key_variable),
        key_name=vendor.key_variable or "environment",
        default_model=settings.default_model(vendor.slug),
    )


def _custom(custom: CustomProvider) -> EnvironmentSetup:
    return EnvironmentSetup(
        base_url=lambda: with_version(custom.base_url),
        keys=() if custom.api_key is None else (custom.api_key,),
        key_name="NOVA_CUSTOM_PROVIDERS",
        default_model=custom.default_model,
        headers=custom.headers,
        title=custom.title,
        is_custom=True,
        is_local=custom.local,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What providers are built of."""

    settings: Settings
    config: ConfigCache
    upstream: Upstream
    translator: Translator
    pool: Pool
    local: LocalModel | None = None


class Providers(Mapping[str, Provider]):
    """By slug, in the order in which `auto` tries them: local servers, vendors, custom, what Nova
    brings along.

    A change of what is set up makes the provider that it is about anew.
    """

    def __init__(self, setups: Setups, store: ProviderStore, parts: Parts) -> None:
        self._setups = setups
        self._parts = parts
        self._shipped: dict[str, Provider] = {
            provider.traits.slug: provider
            for provider in (
                LocalProvider(parts.local),
                OfflineProvider(parts.settings.nova_offline_script),
            )
        }
        self.waker = _waker(parts, setups)
        self._builders = _builders(parts, setups, self.waker)
        self._made: dict[str, tuple[Setup, list[Credential], Provider]] = {}
        self._current: dict[str, Provider] = {}
        self.rebuild()
        store.on_change(self.rebuild)
        self.on_change = store.on_change

    def __getitem__(self, slug: str) -> Provider:
        return self._current[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current)

    def __len__(self) -> int:
        return len(self._current)

    def rebuild(self) -> None:
        slugs = [*self._builders, *self._setups.custom_slugs()]
        found = {slug: self._provider(slug) for slug in dict.fromkeys(slugs)}
        self._current = {**found, **self._shipped}
        self._made = {slug: made for slug, made in self._made.items() if slug in found}

    def _provider(self, slug: str) -> Provider:
        setup, keys = self._setups.of(slug), self._parts.pool.usable(slug)
        known = self._made.get(slug)
        if known is not None and known[0] == setup and known[1] == keys:
            return known[2]
        make = self._builders.get(slug) or self._custom
        made = make(setup)
        self._made[slug] = (setup, keys, made)
        return made

    def _custom(self, setup: Setup) -> Provider:
        parts = self._parts
        return build(custom_vendor(setup), setup, upstream=parts.upstream, credentials=parts.pool)


def _builders(parts: Parts, setups: Setups, waker: Waker) -> dict[str, Build]:
    upstream, translator, pool = parts.upstream, parts.translator, parts.pool
    claude, codex = _claude_login(parts), _codex_login(parts)

    def plain(vendor: Vendor) -> Build:
        return lambda setup: build(vendor, setup, upstream=upstream, credentials=pool)

    made: dict[str, Build] = {vendor.slug: plain(vendor) for vendor in _PLAIN}
    made |= {
        OLLAMA.slug: lambda setup: OllamaProvider(
            upstream,
            translator,
            setup,
            base=lambda: setups.base_of(OLLAMA.slug),
            waking=waker,
        ),
        OPENAI.slug: lambda setup: build(
            openai_vendor(setup), setup, upstream=upstream, credentials=pool
        ),
        ANTHROPIC.slug: lambda setup: AnthropicProvider(upstream, translator, pool, setup),
        CLAUDE_MAX.slug: lambda setup: ClaudeMaxProvider(upstream, translator, pool, claude, setup),
        CHATGPT.slug: lambda setup: ChatGPTProvider(upstream, pool, codex, setup),
        GEMINI.slug: lambda setup: GeminiProvider(upstream, translator, pool, setup),
    }
    return {vendor.slug: made[vendor.slug] for vendor in VENDORS}


def _waker(parts: Parts, setups: Setups) -> Waker:
    settings, config = parts.settings, parts.config

    def target() -> tuple[str, str] | None:
        mac = str(config.get("llm.wol_mac") or settings.wol_mac_address)
        broadcast = str(config.get("llm.wol_broadcast") or settings.wol_broadcast_ip)
        return (mac, broadcast) if mac and setups.base_of(OLLAMA.slug) else None

    async def is_up() -> bool:
        url = f"{setups.base_of(OLLAMA.slug)}/api/version"
        try:
            answer = await parts.upstream.get(OLLAMA.slug, url, seconds=_PROBE_SECONDS)
        except (ProviderDown, UpstreamError):
            return False
        return answer.status == HTTPStatus.OK

    return Waker(target=target, is_up=is_up, wait_seconds=settings.wol_wait_seconds)


def _claude_login(parts: Parts) -> CliLogin | None:
    settings = parts.settings
    if not settings.nova_cli_logins:
        return None
    return CliLogin(
        parts.upstream,
        _at(claude_max.LOGIN, settings.claude_max_token_url),
        settings.claude_config_dir / ".credentials.json",
        lock_path=settings.nova_home / "run" / "claude-max.lock",
    )


def _codex_login(parts: Parts) -> CliLogin | None:
    settings = parts.settings
    if not settings.nova_cli_logins:
        return None
    return CliLogin(
        parts.upstream,
        _at(chatgpt.LOGIN, settings.chatgpt_token_url),
        settings.codex_home / "auth.json",
        lock_path=settings.nova_home / "run" / "chatgpt.lock",
    )


def _at(form: LoginForm, token_url: str) -> LoginForm:
    return replace(form, token_url=token_url or form.token_url)
