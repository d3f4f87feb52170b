"""What subscriptions share: a token from the environment or the page, else a command line's login."""

from dataclasses import dataclass, replace

from pydantic import SecretStr

from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import (
    Credential,
    Credentials,
    Endpoint,
    ProviderState,
    StateCache,
)
from services.llm_gateway.providers.cli_login import CliLogin
from services.llm_gateway.providers.rotation import key_failed
from services.llm_gateway.providers.vendor import SWITCHED_OFF, Vendor, traits_of
from services.llm_gateway.upstream.errors import message_of

CLI = "command line's login"
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class LoginToken:
    """The token of a command line's login, named as credentials are."""

    secret: SecretStr
    name: str = CLI


class Subscription:
    """Base of claude_max.py and chatgpt.py; they add how they are asked (`asked`)."""

    def __init__(
        self, vendor: Vendor, credentials: Credentials, login: CliLogin | None, setup: Setup
    ) -> None:
        self._vendor = vendor
        self._credentials = credentials
        self._setup = setup
        self._states = StateCache(self._probe)
        self.login = login
        self.base = setup.base_url
        self.traits = replace(traits_of(vendor, setup), auth_methods=("oauth_token", "cli_login"))

    async def asked(self, key: Credential) -> ProviderState:
        """What the server says to this token now."""
        raise NotImplementedError

    @property
    def further_headers(self) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in self._setup.headers.items()}

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if not self._setup.enabled:
            return _not_configured(SWITCHED_OFF)
        has_key = self._credentials.has_any(self.traits.slug)
        if self.login is not None and not has_key:
            has_key = await self.login.ensure_fresh() is not None
        if not has_key:
            return _not_configured(self._vendor.missing)
        return await self._states.get(fresh=fresh)

    async def check(self, credential: Credential) -> ProviderState:
        return await self.asked(credential)

    def told(self, model: str) -> ModelFacts:
        return self._states.told(model)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - they have none
        return None

    def key(self) -> Credential:
        """The token of the next call. Raises ProviderDown."""
        key = self._key() if self._setup.enabled else None
        if key is None:
            missing = self._vendor.missing if self._setup.enabled else SWITCHED_OFF
            raise ProviderDown(f"{self.traits.title} is not set up: {missing}")
        return key

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:
        name = endpoint.credential
        token = endpoint.headers.get("Authorization", "").removeprefix("Bearer ")
        return name is not None and self._refused(name, token, error)

    def key_refused(self, key: Credential, error: UpstreamError) -> bool:
        return self._refused(key.name, key.secret.get_secret_value(), error)

    def answered(self, status: int, content: bytes) -> ProviderState:
        """The state after an answer that is none."""
        reason = f"{self.base} answered {status}: {message_of(content)}"
        if self.login is not None and self.login.problem:
            reason = self.login.problem
        return ProviderState(configured=True, available=False, reason=reason)

    async def _probe(self) -> ProviderState:
        return await self.asked(self.key())

    def _key(self) -> Credential | None:
        chosen = self._credentials.choose(self.traits.slug)
        if chosen is not None or self.login is None:
            return chosen
        login = self.login.current()
        return None if login is None else LoginToken(login.token)

    def _refused(self, name: str, token: str, error: UpstreamError) -> bool:
        if name != CLI:
            return key_failed(self._credentials, self.traits.slug, name, error)
        if self.login is None or error.provider_status != _UNAUTHORIZED:
            return False
        return self.login.distrust(token)


def _not_configured(reason: str) -> ProviderState:
    return ProviderState(configured=False, available=False, reason=reason)
