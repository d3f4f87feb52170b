"""A vendor that speaks OpenAI's format, as data; its file says in what it differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.providers.base import (
    NO_QUIRKS,
    Ability,
    Credentials,
    ProviderKind,
    ProviderTraits,
    Quirks,
)
from services.llm_gateway.providers.catalogue import PLAIN_LIST, Catalogue
from services.llm_gateway.providers.locality import is_local_url
from services.llm_gateway.providers.openai_compatible import Choice, OpenAICompatible
from services.llm_gateway.upstream.session import Upstream

SWITCHED_OFF = "It is switched off."


@dataclass(frozen=True, slots=True)
class Vendor:
    """`default_base` is "" for servers that stand wherever the person put them.

    `missing` says what to set up; `needs_key`: nothing works there without one.
    """

    slug: str
    title: str
    kind: ProviderKind
    missing: str
    default_base: str = ""
    prefix: str | None = None
    key_variable: str | None = None
    needs_key: bool = True
    free: bool = False
    supports: frozenset[Ability] = frozenset({"chat"})
    quirks: Quirks = NO_QUIRKS
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    preferred: tuple[str, ...] = ()
    preferred_embedding: tuple[str, ...] = ()
    catalogue: Catalogue = PLAIN_LIST


def build(
    vendor: Vendor, setup: Setup, *, upstream: Upstream, credentials: Credentials
) -> OpenAICompatible:
    """The vendor's provider where and as it is set up now."""
    base = with_version(setup.base_url) if setup.enabled else ""
    return OpenAICompatible(
        upstream,
        credentials,
        traits=traits_of(vendor, setup),
        base=lambda: base,
        missing=vendor.missing if setup.enabled else SWITCHED_OFF,
        needs_key=vendor.needs_key,
        choice=Choice(setup.default_model, vendor.preferred, vendor.preferred_embedding),
        headers={
            **vendor.headers,
            **{name: value.get_secret_value() for name, value in setup.headers.items()},
        },
        catalogue=vendor.catalogue,
    )


def traits_of(vendor: Vendor, setup: Setup) -> ProviderTraits:
    local = vendor.kind == "local" or is_local_url(setup.base_url)
    if setup.is_local is not None:
        local = setup.is_local
    return ProviderTraits(
        slug=vendor.slug,
        title=setup.title or vendor.title,
        kind=vendor.kind if vendor.kind == "subscription" or not local else "local",
        prefix=f"{vendor.slug}/" if vendor.prefix is None else vendor.prefix,
        local=local,
        official=is_official(vendor.default_base, setup.base_url),
        free=vendor.free,
        auth_methods=("api_key",),
        key_variable=vendor.key_variable,
        wire="openai",
        supports=vendor.supports,
        quirks=vendor.quirks,
    )


def is_official(default_base: str, base: str) -> bool:
    """Whether the vendor itself is asked, so that its prices hold."""
    official = urlsplit(default_base).hostname
    return official is not None and urlsplit(base).hostname == official


def with_version(base: str) -> str:
    """With "/v1" where the address has no path."""
    return f"{base}/v1" if base and not urlsplit(base).path.strip("/") else base
