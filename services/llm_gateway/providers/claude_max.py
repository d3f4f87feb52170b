"""Claude Max/Pro: Anthropic's API by a subscription's login (a token, or the command line's file)."""

import time
from collections.abc import AsyncGenerator
from dataclasses import replace

from contracts.translate import TranslateRequest
from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.anthropic import (
    PREFERRED,
    VERSION,
    anthropic_traits,
    listed_by,
)
from services.llm_gateway.providers.base import (
    Credential,
    Credentials,
    Endpoint,
    JsonDict,
    ProviderState,
    first_of,
)
from services.llm_gateway.providers.cli_login import CliLogin, LoginForm, Section
from services.llm_gateway.providers.rotation import posted, streamed
from services.llm_gateway.providers.subscription import Subscription
from services.llm_gateway.providers.translation import Translator
from services.llm_gateway.providers.vendor import Vendor
from services.llm_gateway.upstream.session import Upstream

# Anthropic takes such a token only from who names this beta.
_BETA = "oauth-2025-04-20"

CLAUDE_MAX = Vendor(
    slug="claude-max",
    title="Claude Max/Pro",
    kind="subscription",
    missing="Set CLAUDE_CODE_OAUTH_TOKEN, or log in with the claude command line.",
    default_base="https://api.anthropic.com",
    key_variable="CLAUDE_CODE_OAUTH_TOKEN",
    free=True,
    preferred=PREFERRED,
)


def _expires_at(section: Section) -> float | None:
    ends = section.get("expiresAt")
    return ends / 1000 if isinstance(ends, int | float) else None


def _renewed(section: Section, answer: Section) -> tuple[Section, Section]:
    given = {**section, "accessToken": answer["access_token"]}
    if isinstance(answer.get("refresh_token"), str):
        given["refreshToken"] = answer["refresh_token"]
    seconds = answer.get("expires_in")
    if isinstance(seconds, int | float):
        given["expiresAt"] = int((time.time() + seconds) * 1000)
    return given, {}


LOGIN = LoginForm(
    slug="claude-max",
    section="claudeAiOauth",
    access="accessToken",
    refresh="refreshToken",
    client_id="9d1c250a-e61b-44d9-88ed-5944d1962f5e",
    token_url="https://console.anthropic.com/v1/oauth/token",  # noqa: S106 - an address
    expires_at=_expires_at,
    renewed=_renewed,
    log_in_again="Log in again with the claude command line.",
)


class ClaudeMaxProvider(Subscription):
    """Calls in Anthropic's own form go straight to it, those in OpenAI's through llm-translate."""

    def __init__(
        self,
        upstream: Upstream,
        translator: Translator,
        credentials: Credentials,
        login: CliLogin | None,
        setup: Setup,
    ) -> None:
        super().__init__(CLAUDE_MAX, credentials, login, setup)
        self._upstream = upstream
        self._translator = translator
        self.traits = replace(
            anthropic_traits(CLAUDE_MAX, setup), auth_methods=self.traits.auth_methods
        )

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._setup.default_model or first_of(PREFERRED, models)

    async def complete(self, body: JsonDict) -> bytes:
        return await posted(
            self.key,
            self.key_refused,
            lambda key: self._translator.post("/chat", self._call(body, key)),
        )

    def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        return streamed(
            self.key,
            self.key_refused,
            lambda key: self._translator.stream("/chat/stream", self._call(body, key)),
        )

    async def embed(self, body: JsonDict) -> bytes:  # noqa: ARG002 - the provider's interface
        raise UpstreamError("claude-max", 404, "Anthropic offers no embeddings")

    def endpoint(self, path: str) -> Endpoint | None:
        """Only "/messages" and what is below it."""
        if path.split("/")[1] != "messages":
            return None
        key = self.key()
        return Endpoint(f"{self.base}/v1{path}", self._headers(key), key.name)

    async def asked(self, key: Credential) -> ProviderState:
        found = await listed_by(self._upstream, CLAUDE_MAX.slug, self.base, self._headers(key))
        problem = "" if self.login is None else self.login.problem
        return found if found.available or not problem else replace(found, reason=problem)

    def _call(self, body: JsonDict, key: Credential) -> TranslateRequest:
        token = key.secret.get_secret_value()
        return self._translator.call_of(
            "anthropic",
            api_base=self.base,
            api_key=token,
            body=body,
            prefix=self.traits.prefix,
        )

    def _headers(self, key: Credential) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {key.secret.get_secret_value()}",
            "anthropic-version": VERSION,
            "anthropic-beta": _BETA,
            **self.further_headers,
        }
