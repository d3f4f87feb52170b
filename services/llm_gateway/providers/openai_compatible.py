"""Any server that speaks OpenAI's format; a vendor is its traits, its address and its quirks."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass

import orjson

from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import (
    Credential,
    Credentials,
    Endpoint,
    JsonDict,
    ProviderState,
    ProviderTraits,
    StateCache,
    first_of,
    is_embedding_model,
)
from services.llm_gateway.providers.catalogue import Catalogue, listed
from services.llm_gateway.upstream.errors import message_of, status_error
from services.llm_gateway.upstream.session import Upstream

_ERROR_STATUS = 400
_ANOTHER_KEY_HELPS = frozenset({401, 402, 403, 429})
_MOST_KEYS = 4
_MOST_ENDPOINTS = 1_000
_NEEDED = {"/embeddings": "embeddings", "/rerank": "rerank"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What `auto` takes: the person's default, else the first preferred model that is listed."""

    default: str | None = None
    preferred: tuple[str, ...] = ()
    preferred_embedding: tuple[str, ...] = ()


class OpenAICompatible:
    """`base` gives the address with its version ("…/v1") at each call, "" if there is none.

    `headers` are what the vendor wants beside the key; `missing` says what to set up.
    """

    def __init__(
        self,
        upstream: Upstream,
        credentials: Credentials,
        *,
        traits: ProviderTraits,
        base: Callable[[], str],
        missing: str,
        needs_key: bool = True,
        choice: Choice = Choice(),
        headers: Mapping[str, str] | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._upstream = upstream
        self._credentials = credentials
        self._base = base
        self._missing = missing
        self._needs_key = needs_key
        self._choice = choice
        self._headers = dict(headers or {})
        self._catalogue = listed() if catalogue is None else catalogue
        self._probed = ""
        self._states = StateCache(self._probe)
        self._built: dict[tuple[str, str, str], Endpoint] = {}
        self.traits = traits

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if not self.is_configured:
            return ProviderState(configured=False, available=False, reason=self._missing)
        return await self._states.get(fresh=fresh or self._probed != self._base())

    @property
    def is_configured(self) -> bool:
        if not self._base():
            return False
        return not self._needs_key or self._credentials.has_any(self.traits.slug)

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._choice.default or first_of(self._choice.preferred, models)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:
        listed = [name for name in self._choice.preferred_embedding if name in models]
        return next(iter(listed or [name for name in models if is_embedding_model(name)]), None)

    def endpoint(self, path: str) -> Endpoint | None:
        needed = _NEEDED.get(path) or path.split("/")[1]
        if needed in {"embeddings", "rerank", "audio", "images"} and (
            needed not in self.traits.supports
        ):
            return None
        base = self._base()
        if not base:
            raise ProviderDown(f"{self.traits.title} is not set up: {self._missing}")
        key = self._credentials.choose(self.traits.slug)
        return self._endpoint(base, path, key)

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:
        status, name = error.provider_status, endpoint.credential
        if name is None or status not in _ANOTHER_KEY_HELPS:
            return False
        slug = self.traits.slug
        self._credentials.failed(slug, name, status, error.retry_after, error.message)
        return self._credentials.has_other(slug, name)

    async def complete(self, body: JsonDict) -> bytes:
        return await self._post("/chat/completions", body)

    async def embed(self, body: JsonDict) -> bytes:
        return await self._post("/embeddings", body)

    async def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        slug = self.traits.slug
        for left in reversed(range(_MOST_KEYS)):
            endpoint, begun = self._needed("/chat/completions"), False
            events = self._upstream.events(slug, endpoint, self.traits.quirks.applied(body))
            try:
                async for data in events:
                    if b'"error"' in data and b'"choices"' not in data:
                        raise UpstreamError(slug, 0, message_of(data))  # noqa: TRY301 - not caught
                    begun = True
                    yield data
            except UpstreamError as error:
                if begun or not self.refused(endpoint, error) or not left:
                    raise
            else:
                return
            finally:
                await events.aclose()

    async def _post(self, path: str, body: JsonDict) -> bytes:
        data = orjson.dumps(self.traits.quirks.applied(body))
        for left in reversed(range(_MOST_KEYS)):
            endpoint = self._needed(path)
            try:
                return await self._upstream.post(self.traits.slug, endpoint, data)
            except UpstreamError as error:
                if not self.refused(endpoint, error) or not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def _needed(self, path: str) -> Endpoint:
        endpoint = self.endpoint(path)
        if endpoint is None:
            raise UpstreamError(self.traits.slug, 404, f"it has no {path}")
        return endpoint

    def _endpoint(self, base: str, path: str, key: Credential | None) -> Endpoint:
        name, secret = ("", "") if key is None else (key.name, key.secret.get_secret_value())
        known = self._built.get((base, path, name))
        headers = dict(self._headers)
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        if known is not None and known.headers == headers:
            return known
        if len(self._built) > _MOST_ENDPOINTS:
            self._built.clear()
        made = Endpoint(base + path, headers, name or None)
        self._built[base, path, name] = made
        return made

    async def check(self, credential: Credential) -> ProviderState:
        if not self._base():
            return ProviderState(configured=False, available=False, reason=self._missing)
        return await self._asked(self._base(), credential)

    def told(self, model: str) -> ModelFacts:
        return self._states.told(model)

    async def _probe(self) -> ProviderState:
        base = self._probed = self._base()
        return await self._asked(base, self._credentials.choose(self.traits.slug))

    async def _asked(self, base: str, key: Credential | None) -> ProviderState:
        headers = self._endpoint(base, "/models", key).headers

        async def get(url: str) -> bytes:
            answer = await self._upstream.get(self.traits.slug, url, headers=headers)
            if answer.status >= _ERROR_STATUS:
                raise status_error(self.traits.slug, answer.status, answer.headers, answer.content)
            return answer.content

        try:
            found = await self._catalogue(get, base)
        except (ProviderDown, UpstreamError) as error:
            status = error.provider_status if isinstance(error, UpstreamError) else 0
            said = (
                f"{base} answered {status}: {error.message}"
                if (isinstance(error, UpstreamError) and status)
                else f"{base} can't be reached ({error.detail})"
            )
            return ProviderState(configured=True, available=False, reason=said)
        return ProviderState(configured=True, available=True, models=tuple(found), facts=found)
