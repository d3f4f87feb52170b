"""Makes a response: from its request to a chat completion and back, and stores it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import orjson

from services.kit.auth import Principal
from services.kit.errors import NovaError
from services.kit.events import ServerSentEvent
from services.llm_gateway.completions.service import openai_complete, openai_stream
from services.llm_gateway.deps import State
from services.llm_gateway.dialects.deltas import read_answer, read_chunk
from services.llm_gateway.dialects.refusals import invalid
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.responses.composer import Composer
from services.llm_gateway.responses.request import ResponseRequest, read_request


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is understood, with the chat completion that answers it."""

    request: ResponseRequest
    chat: JsonDict


async def understand(state: State, principal: Principal, body: JsonDict) -> Asked:
    """Raises RequestInvalid, Unsupported, UnknownModel or ProviderDown."""
    request = read_request(body, strict_tools=state.dialects.strict_tools)
    earlier: list[JsonDict] = []
    if request.previous_id is not None:
        earlier = await state.dialects.responses.conversation(principal, request.previous_id)
    route = await state.resolver.route(request.model, principal)
    target = route.targets[0]
    chat = request.chat_body(target.provider.traits, earlier, model=target.model)
    if not chat["messages"]:
        raise invalid("input", "something for the model to read is needed.")
    return Asked(request, chat)


async def complete(state: State, principal: Principal, asked: Asked) -> JsonDict:
    composer = _composer(state, asked)
    delta = read_answer(await openai_complete(state, principal, asked.chat))
    for _ in (*composer.take(delta), *composer.finish()):
        continue
    await _store(state, principal, asked, composer)
    return composer.response()


async def stream(state: State, principal: Principal, asked: Asked) -> AsyncGenerator[bytes, None]:
    """The encoded events. Raises what goes wrong before the first one; later that is an event."""
    composer = _composer(state, asked)
    chunks = openai_stream(state, principal, asked.chat)
    try:
        async for data in chunks:
            for event in composer.take(read_chunk(data)):
                yield encode(event)
        for event in composer.finish():
            yield encode(event)
        await _store(state, principal, asked, composer)
        yield encode(composer.last_event())
    except NovaError as error:
        if not composer.begun:
            raise
        for event in composer.fail(error):
            yield encode(event)
    finally:
        await chunks.aclose()


def encode(event: JsonDict) -> bytes:
    return ServerSentEvent(data=orjson.dumps(event).decode(), event=event["type"]).encode()


def _composer(state: State, asked: Asked) -> Composer:
    return Composer(asked.request, asked.chat, stored=state.dialects.responses.keeps)


async def _store(state: State, principal: Principal, asked: Asked, composer: Composer) -> None:
    if composer.stored:
        response, items = composer.response(), asked.request.items
        composer.stored = await state.dialects.responses.save(principal, response, items=items)
