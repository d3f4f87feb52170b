"""ChatGPT Plus/Pro: a subscription's login, and the server that it is for, which speaks Responses."""

import base64
import binascii
import uuid
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import (
    Credential,
    Credentials,
    Endpoint,
    JsonDict,
    ProviderState,
    first_of,
)
from services.llm_gateway.providers.catalogue import Entry, Listing, inner, read_entries, whole
from services.llm_gateway.providers.cli_login import CliLogin, LoginForm, Section
from services.llm_gateway.providers.responses_form import ChunkMaker, completion, responses_body
from services.llm_gateway.providers.rotation import streamed
from services.llm_gateway.providers.subscription import Subscription
from services.llm_gateway.providers.vendor import Vendor
from services.llm_gateway.upstream.session import Upstream

_CLAIMS = "https://api.openai.com/auth"
_CLIENT_VERSION = "1.0.0"
# What it serves where it gives no list.
_KNOWN = ("gpt-6.1-sol", "gpt-6-sol", "gpt-6-luna", "gpt-5.5", "gpt-5.4", "gpt-5.3-codex")
_NO_LIST = frozenset({400, 404, 405})

CHATGPT = Vendor(
    slug="chatgpt",
    title="ChatGPT Plus/Pro",
    kind="subscription",
    missing="Set CHATGPT_ACCESS_TOKEN, or log in with `codex login`.",
    default_base="https://chatgpt.com/backend-api/codex",
    key_variable="CHATGPT_ACCESS_TOKEN",
    free=True,
    preferred=_KNOWN,
)


def _claims(token: str) -> Mapping[str, Any]:
    """What the token says of itself; {} for one that is no JWT. Nothing is trusted because of it."""
    try:
        middle = token.split(".")[1]
        found: Any = orjson.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, binascii.Error, ValueError):
        return {}
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _expires_at(section: Section) -> float | None:
    ends = _claims(str(section.get("access_token"))).get("exp")
    return float(ends) if isinstance(ends, int | float) else None


def _renewed(section: Section, answer: Section) -> tuple[Section, Section]:
    names = ("id_token", "access_token", "refresh_token")
    tokens = {name: answer[name] for name in names if isinstance(answer.get(name), str)}
    return {**section, **tokens}, {"last_refresh": datetime.now(UTC).isoformat()}


LOGIN = LoginForm(
    slug="chatgpt",
    section="tokens",
    access="access_token",
    refresh="refresh_token",
    client_id="app_EMoamEEZ73f0CkXaXp7hrann",
    token_url="https://auth.openai.com/oauth/token",  # noqa: S106 - an address
    expires_at=_expires_at,
    renewed=_renewed,
    log_in_again="Log in again with `codex login`.",
)


class ChatGPTProvider(Subscription):
    """Requests and answers are translated here; a call is always streamed."""

    def __init__(
        self,
        upstream: Upstream,
        credentials: Credentials,
        login: CliLogin | None,
        setup: Setup,
    ) -> None:
        super().__init__(CHATGPT, credentials, login, setup)
        self._upstream = upstream
        self.traits = replace(self.traits, wire="translated")

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._setup.default_model or first_of(_KNOWN, models)

    async def complete(self, body: JsonDict) -> bytes:
        made: list[JsonDict] = [orjson.loads(data) async for data in self.stream(body)]
        return completion(made)

    def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        request = responses_body(body)
        options = cast("Mapping[str, Any]", body.get("stream_options") or {})
        wants_usage = not body.get("stream") or bool(options.get("include_usage"))
        return streamed(
            self.key,
            self.key_refused,
            lambda key: self._stream(key, request, wants_usage=wants_usage),
        )

    async def _stream(
        self, key: Credential, request: JsonDict, *, wants_usage: bool
    ) -> AsyncGenerator[bytes, None]:
        slug = self.traits.slug
        maker = ChunkMaker(slug, str(request["model"]))
        events = self._upstream.events(slug, self._responses(key), request, end=None)
        try:
            async for event in events:
                for chunk in maker.chunks(event):
                    if chunk["choices"] or wants_usage:
                        yield orjson.dumps(chunk)
                if maker.ended:
                    return
        finally:
            await events.aclose()
        raise UpstreamError(slug, 0, "the stream ended before its end mark", reply_lost=True)

    async def embed(self, body: JsonDict) -> bytes:  # noqa: ARG002 - the provider's interface
        raise UpstreamError("chatgpt", 404, "ChatGPT offers no embeddings")

    def endpoint(self, path: str) -> Endpoint | None:
        """Its own format is OpenAI's Responses, and nothing else."""
        return self._responses(self.key()) if path == "/responses" else None

    def _responses(self, key: Credential) -> Endpoint:
        headers = {
            **self._headers(key),
            "Accept": "text/event-stream",
            "OpenAI-Beta": "responses=experimental",
            "session_id": str(uuid.uuid4()),
        }
        return Endpoint(f"{self.base}/responses", headers, key.name)

    def _headers(self, key: Credential) -> dict[str, str]:
        token = key.secret.get_secret_value()
        headers = {"Authorization": f"Bearer {token}", "originator": "nova"}
        account = self._account(token)
        return {**headers, **self.further_headers, **account}

    def _account(self, token: str) -> dict[str, str]:
        login = self.login.current() if self.login is not None else None
        account: Any = None
        if login is not None and login.token.get_secret_value() == token:
            account = login.section.get("account_id")
        if not isinstance(account, str):
            account = inner(_claims(token), _CLAIMS, "chatgpt_account_id")
        usable = isinstance(account, str) and account.isascii() and account.isprintable()
        return {"chatgpt-account-id": str(account)} if usable else {}

    async def asked(self, key: Credential) -> ProviderState:
        url = f"{self.base}/models?client_version={_CLIENT_VERSION}"
        try:
            answer = await self._upstream.get(self.traits.slug, url, headers=self._headers(key))
        except (ProviderDown, UpstreamError) as error:
            reason = f"{self.base} can't be reached ({error.detail})"
            return ProviderState(configured=True, available=False, reason=reason)
        if answer.status not in {200, *_NO_LIST}:
            return self.answered(answer.status, answer.content)
        found = read_entries(answer.content, _read, name="slug")
        found = found or cast("Listing", dict.fromkeys(_KNOWN, ModelFacts()))
        return ProviderState(configured=True, available=True, models=tuple(found), facts=found)


def _read(entry: Entry) -> ModelFacts | None:
    return ModelFacts(context_window=whole(entry.get("context_window")))
