"""POST /v1/chat/completions: passed through to a provider that speaks OpenAI's format."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from contracts.errors import OpenAIErrorBody
from services.kit.errors import BadRequest, Invalid, NovaError
from services.kit.events import DONE
from services.kit.log import get_logger
from services.llm_gateway.calls.dispatch import Call
from services.llm_gateway.completions.raw import Wanted
from services.llm_gateway.completions.service import model_of
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.front import kept
from services.llm_gateway.front.body import edited, read_object
from services.llm_gateway.front.exchange import Exchange
from services.llm_gateway.front.relay import Relay
from services.llm_gateway.front.together import pass_on
from services.llm_gateway.limits.meter import Caller
from services.llm_gateway.models.resolution import Route, Target
from services.llm_gateway.openai_errors import openai_error
from services.llm_gateway.providers.base import Endpoint, JsonDict
from services.llm_gateway.routing.categories import last_request
from services.llm_gateway.upstream.reply import Reply

_log = get_logger(__name__)
_PATH = "/chat/completions"
_MOST_KEYS = 4
_MARK_MISSING = "the stream ended before its end mark"
# What a provider says of its own of a call, and what a client may tell its support.
_PASSED_HEADERS = ("openai-processing-ms", "openai-version")


async def chat_completions(exchange: Exchange) -> None:
    """Raises NovaError as long as nothing was sent."""
    given = read_object(exchange.body)
    if not isinstance(given.get("messages"), list) or not given["messages"]:
        raise Invalid("messages: a list with at least one message is needed.")
    options = given.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise BadRequest("stream_options: it must be an object.")
    route = await exchange.state.resolver.route(
        model_of(given), exchange.principal, lambda: last_request(given)
    )
    passing = Passing(exchange, given, cast("JsonDict", options or {}))
    caller = Caller(exchange.principal)
    wanted = Wanted(
        caller,
        route,
        passing.build,
        stream=bool(given.get("stream")),
        characters=len(exchange.body),
    )
    with exchange.while_connected():
        if await kept.answered(exchange, given, wanted):
            return
        if wanted.stream:
            await _streamed(passing, caller, route)
        else:
            await _whole(passing, caller, route)


@dataclass(slots=True)
class Passing:
    """A request as it came, and what is changed in it for a target."""

    exchange: Exchange
    given: JsonDict
    options: JsonDict
    _sent_raw: bytes = b""
    tried: list[Endpoint] = field(default_factory=list[Endpoint])

    def build(self, target: Target) -> JsonDict:
        body = target.fitted(self.given)
        if self.given.get("stream"):
            body["stream_options"] = {**self.options, "include_usage": True}
        return body

    async def ask(self, target: Target, body: JsonDict) -> Reply:
        """The provider's good answer; its keys are tried in turn."""
        provider = target.provider
        data = edited(self.exchange.body, self.given, provider.traits.quirks.applied(body))
        for left in reversed(range(_MOST_KEYS)):
            endpoint = provider.endpoint(_PATH)
            if endpoint is None:
                raise UpstreamError(provider.traits.slug, 404, f"it has no {_PATH}")
            try:
                return await self.exchange.state.upstream.ask(provider.traits.slug, endpoint, data)
            except UpstreamError as error:
                if not provider.refused(endpoint, error) or not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def note(self, reply: Reply) -> None:
        headers = reply.headers
        self.exchange.add((name, headers[name]) for name in _PASSED_HEADERS if name in headers)
        if "x-request-id" in headers:
            self.exchange.add([("x-upstream-request-id", headers["x-request-id"])])


async def _whole(passing: Passing, caller: Caller, route: Route) -> None:
    exchange = passing.exchange
    calls = exchange.state.calls

    async def work(target: Target, body: JsonDict) -> bytes:
        if target.provider.traits.wire != "openai":
            return await target.provider.complete(body)
        reply = await passing.ask(target, body)
        try:
            data = await reply.read()
        except BaseException:
            reply.close()
            raise
        passing.note(reply)
        reply.leave()
        return data

    size = len(exchange.body)
    async with calls.call(
        caller, route, kind="chat", characters=size, asked=lambda: passing.given
    ) as call:
        data = await calls.begun(call, build=passing.build, work=work)
        _count(call, data)
    await exchange.answer(data)


def _count(call: Call, data: bytes) -> None:
    target = call.meter.target
    slug = "" if target is None else target.provider.traits.slug
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UpstreamError(slug, 0, "its answer is not JSON") from error
    if not isinstance(answer, dict):
        raise UpstreamError(slug, 0, "its answer is no JSON object")
    found = cast("JsonDict", answer)
    usage: Any = found.get("usage")
    if isinstance(usage, dict):
        call.meter.report(cast("JsonDict", usage))
    call.meter.describe(found)
    if not call.meter.reported:
        call.meter.output_characters = len(orjson.dumps(found.get("choices")))


@dataclass(slots=True)
class _Opened:
    """A stream that has begun: what is to be passed on first, and where the rest comes from."""

    relay: Relay
    first: bytes
    reply: Reply | None = None
    pieces: AsyncGenerator[bytes, None] | None = None


async def _streamed(passing: Passing, caller: Caller, route: Route) -> None:
    exchange = passing.exchange
    calls = exchange.state.calls
    wants_usage = bool(passing.options.get("include_usage"))

    try:
        size = len(exchange.body)
        async with calls.call(
            caller, route, kind="chat", characters=size, asked=lambda: passing.given
        ) as call:

            async def work(target: Target, body: JsonDict) -> _Opened:
                relay = Relay(target.provider.traits.slug, call.meter, wants_usage=wants_usage)
                if target.provider.traits.wire != "openai":
                    return await _opened_elsewhere(relay, target, body)
                return await _opened(passing, relay, target, body)

            async with exchange.with_patience():
                opened = await calls.begun(call, build=passing.build, work=work)
            await exchange.begin_events()
            last = await _passed_on(exchange, call, opened)
    except NovaError as error:
        if not exchange.started:
            raise
        # No [DONE] after an error: a client must not take the answer for a whole one.
        _log.warning("a stream failed", code=error.code, detail=error.detail)
        failure = OpenAIErrorBody(error=openai_error(error)).model_dump_json()
        await exchange.end(b"data: " + failure.encode() + b"\n\n")
    else:
        await exchange.end(last + DONE)


async def _opened(passing: Passing, relay: Relay, target: Target, body: JsonDict) -> _Opened:
    reply = await passing.ask(target, body)
    try:
        first = b""
        while not relay.begun and not relay.ended:
            first += await _next(relay, reply)
            if not relay.begun:
                _raise_failure(relay)
    except BaseException:
        reply.close()
        raise
    passing.note(reply)
    return _Opened(relay, first, reply)


async def _opened_elsewhere(relay: Relay, target: Target, body: JsonDict) -> _Opened:
    """From a provider whose own format is another; its chunks come one by one."""
    pieces = target.provider.stream(body)
    first = b""
    try:
        async for data in pieces:
            first += relay.take(b"data: " + data + b"\n\n")
            if relay.begun:
                break
            _raise_failure(relay)
    except BaseException:
        await pieces.aclose()
        raise
    return _Opened(relay, first, pieces=pieces)


async def _passed_on(exchange: Exchange, call: Call, opened: _Opened) -> bytes:
    """Pass a stream on but for its last events, which are returned."""
    if opened.pieces is not None:
        return await _chunks_passed_on(exchange, call, opened, opened.pieces)
    reply, relay = cast("Reply", opened.reply), opened.relay
    block = opened.first
    try:
        while not relay.ended:
            await exchange.write(block)
            _raise_failure(relay)
            call.check_deadline()
            block = await _next(relay, reply)
    except BaseException:
        reply.close()
        raise
    reply.leave()
    return block


async def _next(relay: Relay, reply: Reply) -> bytes:
    piece = await reply.some()
    if not piece and reply.ended:
        raise UpstreamError(relay.slug, 0, _MARK_MISSING, reply_lost=True)
    return relay.take(piece) if piece else b""


async def _chunks_passed_on(
    exchange: Exchange, call: Call, opened: _Opened, pieces: AsyncGenerator[bytes, None]
) -> bytes:
    relay = opened.relay

    async def blocks() -> AsyncGenerator[bytes, None]:
        yield opened.first
        _raise_failure(relay)
        async for data in pieces:
            call.check_deadline()
            yield relay.take(b"data: " + data + b"\n\n")
            _raise_failure(relay)

    async with aclosing(pieces), aclosing(blocks()) as merged:
        return b"".join(await pass_on(merged, lambda found: exchange.write(b"".join(found))))


def _raise_failure(relay: Relay) -> None:
    if relay.failure is not None:
        raise relay.failure
