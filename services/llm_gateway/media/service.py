"""Makes a call that is neither chat nor embedding: finds the model, passes body and answer through."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import orjson

from services.kit.auth import Principal
from services.kit.errors import BadRequest, NovaError
from services.llm_gateway.calls.dispatch import Call
from services.llm_gateway.completions.service import caller_of
from services.llm_gateway.deps import State
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.limits.kinds import CallKind
from services.llm_gateway.media.multipart import ModelForm
from services.llm_gateway.media.usage import UsageTail
from services.llm_gateway.models.resolution import AUTO, Route, Target
from services.llm_gateway.providers.base import Endpoint, JsonDict
from services.llm_gateway.upstream.errors import TRANSPORT_ERRORS, transport_error

_MOST_KEYS = 4
# With its length, an answer that is cut short can be told from a whole one.
_PASSED_ON = ("Content-Type", "Content-Length", "Content-Disposition", "Content-Language")


@dataclass(frozen=True, slots=True)
class MediaRoute:
    """A route: its path below the version, and what is counted."""

    path: str
    kind: CallKind


@dataclass(frozen=True, slots=True)
class Passed:
    """An answer that has begun; closing the pieces after its first ends and settles the call."""

    headers: dict[str, str]
    first: bytes
    pieces: AsyncGenerator[bytes, None]


class _NotAgain(UpstreamError):
    """A failure after the body had begun to be sent: it can't be sent a second time."""

    @property
    def is_retryable(self) -> bool:
        return False


async def pass_json(
    state: State, principal: Principal, route: MediaRoute, body: JsonDict
) -> Passed:
    """A JSON body, whose answer may be JSON, sound or a stream of events."""
    model: Any = body.get("model")
    found = await _route(state, principal, route, model if isinstance(model, str) else "")

    async def work(target: Target, given: JsonDict) -> aiohttp.ClientResponse:
        data = orjson.dumps(given)
        for left in reversed(range(_MOST_KEYS)):
            endpoint = _endpoint(target, route)
            try:
                return await state.upstream.open(target.provider.traits.slug, endpoint, data)
            except UpstreamError as error:
                if not target.provider.refused(endpoint, error) or not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def build(target: Target) -> JsonDict:
        return {**body, "model": target.model}

    return await _begun(state, principal, route, found, build, work)


async def pass_form(
    state: State,
    principal: Principal,
    route: MediaRoute,
    form: ModelForm,
    *,
    content_type: str,
    size: int | None,
) -> Passed:
    """A form with files, sent on as it comes in; `size` is its announced length."""
    named = await form.find_model()
    found = await _route(state, principal, route, named)
    sent = _Sent()

    async def work(target: Target, _given: JsonDict) -> aiohttp.ClientResponse:
        endpoint = _endpoint(target, route)
        headers = {**endpoint.headers, "Content-Type": content_type}
        if size is not None:
            grown = len(target.model.encode()) - len(named.encode())
            headers["Content-Length"] = str(size + grown)
        outgoing = replace(endpoint, headers=headers)
        slug = target.provider.traits.slug
        try:
            return await state.upstream.open(slug, outgoing, sent.pieces(form.rest(target.model)))
        except (UpstreamError, ProviderDown) as error:
            if sent.failure is not None:
                raise sent.failure from error
            if isinstance(error, UpstreamError):
                target.provider.refused(endpoint, error)
            raise _final(slug, error) if sent.begun else error from error

    return await _begun(
        state, principal, route, found, lambda target: {"model": target.model}, work
    )


class _Sent:
    """What became of a body on its way: whether it had begun, and what was wrong with it."""

    def __init__(self) -> None:
        self.begun = False
        self.failure: NovaError | None = None

    async def pieces(self, body: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
        self.begun = True
        try:
            async for piece in body:
                yield piece
        except NovaError as error:
            self.failure = error
            raise


def _final(slug: str, error: UpstreamError | ProviderDown) -> UpstreamError:
    if isinstance(error, ProviderDown):
        return _NotAgain(slug, 0, error.detail)
    return _NotAgain(
        slug,
        error.provider_status,
        error.message,
        retry_after=error.retry_after,
        reply_lost=error.reply_lost,
    )


async def _route(state: State, principal: Principal, route: MediaRoute, model: str) -> Route:
    """Where the call goes. Raises BadRequest if the provider has no such thing."""
    if not model or model == AUTO:
        raise BadRequest(f"model: name a model for {route.path}.", code="model_missing")
    found = await state.resolver.route(model, principal)
    target = found.targets[0]
    _endpoint(target, route)
    # Another model would not draw, speak or rank the same way: there is no fallback.
    return replace(found, targets=(target,))


def _endpoint(target: Target, route: MediaRoute) -> Endpoint:
    endpoint = target.provider.endpoint(route.path)
    if endpoint is None:
        title = target.provider.traits.title
        raise BadRequest(f"{title} has no {route.path}.", code="unsupported_by_provider")
    return endpoint


async def _begun(
    state: State,
    principal: Principal,
    route: MediaRoute,
    found: Route,
    build: Callable[[Target], JsonDict],
    work: Callable[[Target, JsonDict], Any],
) -> Passed:
    """The answer, once its first piece is there: what breaks off before it is an error like others."""
    async with AsyncExitStack() as stack:
        call = await stack.enter_async_context(
            state.calls.call(caller_of(principal, {}), found, kind=route.kind, characters=0)
        )
        response = await state.calls.begun(call, build=build, work=work)
        stack.callback(response.close)
        headers = {name: response.headers[name] for name in _PASSED_ON if name in response.headers}
        headers |= dict(call.admitted.headers)
        pieces = _pieces(call, response, stack.pop_all())
        try:
            return Passed(headers, await anext(pieces, b""), pieces)
        except BaseException:
            await pieces.aclose()
            raise
    raise AssertionError("unreachable: the block returns or raises")


async def _pieces(
    call: Call, response: aiohttp.ClientResponse, stack: AsyncExitStack
) -> AsyncGenerator[bytes, None]:
    tail = UsageTail(response.headers.get("Content-Type", ""))
    target = call.route.targets[0]
    async with stack:
        try:
            while piece := await response.content.readany():
                call.check_deadline()
                call.meter.output_characters += len(piece)
                tail.take(piece)
                yield piece
        except TRANSPORT_ERRORS as error:
            slug = target.provider.traits.slug
            raise transport_error(slug, str(response.url), error) from error
        finally:
            if (usage := tail.tokens()) is not None:
                call.meter.report(usage)
