"""Messages to a provider that speaks Anthropic's format: as they came, but for model and credentials.

A target of another format behind it in the route is asked with the chat completion that
messages/request.py makes, as it would be if it stood first.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

import orjson

from services.kit.errors import NovaError
from services.kit.log import get_logger
from services.llm_gateway.calls.answer_headers import add_headers
from services.llm_gateway.calls.dispatch import Call
from services.llm_gateway.completions.raw import parsed, report
from services.llm_gateway.deps import State
from services.llm_gateway.dialects.deltas import as_object, read_answer
from services.llm_gateway.dialects.offered import LEFT_OUT_HEADER
from services.llm_gateway.dialects.refusals import invalid
from services.llm_gateway.errors import RequestInvalid, Unsupported, UpstreamError
from services.llm_gateway.front.body import edited
from services.llm_gateway.limits.meter import Caller
from services.llm_gateway.messages.composer import Composer
from services.llm_gateway.messages.counting import with_clients
from services.llm_gateway.messages.errors import anthropic_error
from services.llm_gateway.messages.events import encode
from services.llm_gateway.messages.request import MessageRequest, read_request
from services.llm_gateway.messages.streams import Converted, Native, Opened, open_stream
from services.llm_gateway.models.targets import Route, Target
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.upstream.reply import Reply

_log = get_logger(__name__)
_PATH = "/messages"
_MOST_KEYS = 4
_WIRE = "anthropic"


def passes(route: Route) -> bool:
    """Whether the message goes first to a provider that speaks its format."""
    return is_native(route.targets[0])


def is_native(target: Target) -> bool:
    return target.provider.traits.wire == _WIRE


@dataclass(frozen=True, slots=True)
class Passing:
    """A request as it came; `headers` are those of the client that Anthropic reads."""

    state: State
    caller: Caller
    route: Route
    raw: bytes
    given: JsonDict
    headers: Mapping[str, str]

    def builder(self, call: Call) -> Callable[[Target], JsonDict]:
        """What makes the body for a target."""

        def build(target: Target) -> JsonDict:
            if is_native(target):
                return {**self.given, "model": target.model}
            try:
                return self._chat(target)
            except (RequestInvalid, Unsupported) as error:
                # The client's request is right for the target that it has named, which has failed.
                raise call.refusal or error from error

        return build

    def _chat(self, target: Target) -> JsonDict:
        request, most = self.request(), target.facts.max_output_tokens
        chat = request.chat_body(target.provider.traits, model=target.model, most_output=most)
        if request.left_out:
            add_headers({LEFT_OUT_HEADER: ", ".join(request.left_out)})
        return {**chat, "model": target.model}

    def request(self) -> MessageRequest:
        """It as it is understood for a target of another format."""
        return read_request(self.given, strict_tools=self.state.dialects.strict_tools)

    async def ask(self, target: Target, body: JsonDict) -> Reply:
        """The provider's good answer; its keys are tried in turn."""
        provider, slug = target.provider, target.provider.traits.slug
        data = edited(self.raw, self.given, body)
        for left in reversed(range(_MOST_KEYS)):
            endpoint = provider.endpoint(_PATH)
            if endpoint is None:
                raise UpstreamError(slug, 404, f"it has no {_PATH}")
            asked = replace(endpoint, headers=with_clients(endpoint.headers, self.headers))
            try:
                reply = await self.state.upstream.ask(slug, asked, data)
            except UpstreamError as error:
                if not provider.refused(endpoint, error) or not left:
                    raise
            else:
                if "request-id" in reply.headers:
                    add_headers({"x-upstream-request-id": reply.headers["request-id"]})
                return reply
        raise AssertionError("unreachable: the last try returns or raises")


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises RequestInvalid for what could not be sent on."""
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            raise invalid(name, "the header has characters that no header has.")


async def complete(passing: Passing) -> bytes:
    """The provider's bytes as they came."""
    calls = passing.state.calls

    async def work(target: Target, body: JsonDict) -> tuple[Target, JsonDict, bytes]:
        if not is_native(target):
            return target, body, await target.provider.complete(body)
        reply = await passing.ask(target, body)
        try:
            data = await reply.read()
        except BaseException:
            reply.close()
            raise
        reply.leave()
        return target, body, data

    async with calls.call(
        passing.caller,
        passing.route,
        kind="chat",
        characters=len(passing.raw),
        asked=lambda: passing.given,
    ) as call:
        target, body, data = await calls.begun(call, build=passing.builder(call), work=work)
        answer = parsed(target, data)
        if is_native(target):
            call.meter.describe(answer)
            call.meter.output_characters = len(orjson.dumps(answer.get("content")))
            call.meter.report_message(as_object(answer.get("usage")), final=True)
            return data
        call.meter.output_characters = len(orjson.dumps(answer.get("choices")))
        report(call.meter, answer)
        return _converted(passing, body, data)


def _converted(passing: Passing, chat: JsonDict, data: bytes) -> bytes:
    composer = Composer(passing.request(), chat)
    for _ in (*composer.take(read_answer(data)), *composer.finish()):
        continue
    return orjson.dumps(composer.message())


async def stream(passing: Passing) -> AsyncGenerator[bytes, None]:
    """Whole events. Raises what goes wrong before the first one; later that is an event."""
    calls = passing.state.calls
    opened: Opened | None = None
    try:
        async with calls.call(
            passing.caller,
            passing.route,
            kind="chat",
            characters=len(passing.raw),
            asked=lambda: passing.given,
        ) as call:

            async def work(target: Target, body: JsonDict) -> Opened:
                if is_native(target):
                    reply = await passing.ask(target, body)
                    return await open_stream(Native(target, call, reply))
                composer = Composer(passing.request(), body)
                return await open_stream(Converted(target, call, composer, body))

            opened = await calls.begun(call, build=passing.builder(call), work=work)
            async with aclosing(opened.blocks()) as blocks:
                async for block in blocks:
                    if block:
                        yield block
        # Only now, since the call has to be recorded before its client sees the end.
        yield opened.last
    except NovaError as error:
        if opened is None:
            raise
        _log.warning("a stream failed", code=error.code, detail=error.detail)
        yield encode(anthropic_error(error))
