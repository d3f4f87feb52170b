"""Providers and keys as they are shown: without a secret, with what is wrong with them."""

from contracts.providers import (
    CredentialState,
    ProviderCredential,
    ProviderInfo,
    ProviderStatus,
)
from services.kit.errors import NotFound, WrongState
from services.llm_gateway.credentials.addresses import origin_of
from services.llm_gateway.credentials.runtime import Runtime
from services.llm_gateway.credentials.setups import Credential, Setup
from services.llm_gateway.credentials.store import StoredKey
from services.llm_gateway.providers.base import Provider, ProviderState

_ENVIRONMENT = "environment-"
_LONG_ENOUGH = 12


async def provider_info(runtime: Runtime, provider: Provider) -> ProviderInfo:
    traits, state = provider.traits, await provider.state()
    setup = runtime.setups.of(traits.slug)
    return ProviderInfo(
        slug=traits.slug,
        title=traits.title,
        kind=traits.kind,
        prefix=traits.prefix,
        is_custom=setup.is_custom,
        is_local=traits.local,
        enabled=setup.enabled,
        status=_status(setup, state),
        reason=setup.problem or state.reason,
        latency_ms=state.latency_ms,
        model_count=len(state.models),
        base_url=setup.base_url,
        base_url_source=setup.source,
        default_model=setup.default_model,
        auth_methods=list(traits.auth_methods),
        key_variable=traits.key_variable,
        header_names=sorted(setup.headers),
        credentials=credentials(runtime, traits.slug),
    )


def _status(setup: Setup, state: ProviderState) -> ProviderStatus:
    if not setup.enabled:
        return "disabled"
    if not state.configured:
        return "not_configured"
    return "ok" if state.available else "unavailable"


def credentials(runtime: Runtime, slug: str) -> list[ProviderCredential]:
    """Keys of the environment first, as they are used."""
    environment = runtime.setups.environment(slug)
    given = environment.credentials() if environment is not None else ()
    return [
        *(
            _shown(runtime, slug, key, f"{_ENVIRONMENT}{number}")
            for number, key in enumerate(given, start=1)
        ),
        *(_stored(runtime, slug, key) for key in runtime.store.keys(slug)),
    ]


def stored_credential(runtime: Runtime, slug: str, credential_id: str) -> ProviderCredential:
    """Raises NotFound."""
    for key in runtime.store.keys(slug):
        if str(key.row.id) == credential_id:
            return _stored(runtime, slug, key)
    raise unknown_credential(credential_id)


def credential_of(runtime: Runtime, slug: str, credential_id: str) -> Credential:
    """The key itself, for a test of it. Raises NotFound, or WrongState if it can't be sent."""
    origin = origin_of(runtime.setups.of(slug).base_url)
    found = _by_id(runtime, slug, credential_id)
    if found.origin != origin:
        raise WrongState(
            f"This key was entered for {found.origin}; enter it again for {origin}.",
            code="key_of_another_server",
        )
    return found


def unknown_credential(credential_id: str) -> NotFound:
    return NotFound(f"There is no key {credential_id[:100]!r}.", code="unknown_credential")


def _by_id(runtime: Runtime, slug: str, credential_id: str) -> Credential:
    for key in runtime.store.keys(slug):
        if str(key.row.id) == credential_id:
            if key.secret is None:
                raise WrongState(key.problem, code="key_unreadable")
            return Credential(key.row.name, key.secret, key.row.origin)
    environment = runtime.setups.environment(slug)
    given = environment.credentials() if environment is not None else ()
    for number, key in enumerate(given, start=1):
        if credential_id == f"{_ENVIRONMENT}{number}":
            return key
    raise unknown_credential(credential_id)


def _stored(runtime: Runtime, slug: str, key: StoredKey) -> ProviderCredential:
    row = key.row
    if key.secret is None or not row.enabled:
        return ProviderCredential(
            id=str(row.id),
            name=row.name,
            source="stored",
            last_four=row.last_four,
            enabled=row.enabled,
            state="disabled" if not row.enabled else "unreadable",
            reason=key.problem,
            origin=row.origin,
        )
    return _shown(
        runtime, slug, Credential(row.name, key.secret, row.origin), str(row.id), row.last_four
    )


def _shown(
    runtime: Runtime, slug: str, key: Credential, credential_id: str, last_four: str | None = None
) -> ProviderCredential:
    is_stored = last_four is not None
    if last_four is None:
        secret = key.secret.get_secret_value()
        last_four = secret[-4:] if len(secret) >= _LONG_ENOUGH else ""
    state: CredentialState = "ok"
    reason, until = "", None
    base = runtime.setups.of(slug).base_url
    aside = runtime.pool.set_aside(slug, key)
    if base and origin_of(base) != key.origin:
        state, reason = "elsewhere", f"It was entered for {key.origin}, and is sent nowhere else."
    elif aside is not None:
        state, reason, until = aside.kind, aside.reason, aside.until_time
    return ProviderCredential(
        id=credential_id,
        name=key.name,
        source="stored" if is_stored else "environment",
        last_four=last_four,
        enabled=True,
        state=state,
        reason=reason,
        until=until,
        origin=key.origin,
    )
