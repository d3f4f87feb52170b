"""Makes a message: from its request to a chat completion and back; counts tokens."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import orjson

from services.kit.auth import Principal
from services.kit.errors import NovaError
from services.kit.events import ServerSentEvent
from services.llm_gateway.completions.service import openai_complete, openai_stream
from services.llm_gateway.deps import State
from services.llm_gateway.dialects.deltas import read_answer, read_chunk
from services.llm_gateway.dialects.tokens import estimate_tokens
from services.llm_gateway.messages.composer import Composer
from services.llm_gateway.messages.errors import anthropic_error
from services.llm_gateway.messages.request import MessageRequest, read_request
from services.llm_gateway.providers.base import JsonDict


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is understood, with the chat completion that answers it."""

    request: MessageRequest
    chat: JsonDict


async def understand(state: State, body: JsonDict, *, counting: bool = False) -> Asked:
    """Raises RequestInvalid, Unsupported, UnknownModel or ProviderDown."""
    strict = state.dialects.strict_tools
    request = read_request(body, strict_tools=strict, counting=counting)
    target = await state.resolver.chat(request.model)
    return Asked(request, request.chat_body(target.provider.traits))


async def complete(state: State, principal: Principal, asked: Asked) -> JsonDict:
    composer = Composer(asked.request, asked.chat)
    delta = read_answer(await openai_complete(state, principal, asked.chat))
    for _ in (*composer.take(delta), *composer.finish()):
        continue
    return composer.message()


async def stream(state: State, principal: Principal, asked: Asked) -> AsyncGenerator[bytes, None]:
    """The encoded events. Raises what goes wrong before the first one; later that is an event."""
    composer = Composer(asked.request, asked.chat)
    chunks = openai_stream(state, principal, asked.chat)
    try:
        async for data in chunks:
            for event in composer.take(read_chunk(data)):
                yield encode(event)
        for event in composer.finish():
            yield encode(event)
    except NovaError as error:
        if not composer.begun:
            raise
        yield encode(anthropic_error(error))
    finally:
        await chunks.aclose()


async def count_tokens(state: State, body: JsonDict) -> int:
    """How many tokens the request has, by estimate."""
    return estimate_tokens((await understand(state, body, counting=True)).chat)


def encode(event: JsonDict) -> bytes:
    return ServerSentEvent(data=orjson.dumps(event).decode(), event=event["type"]).encode()
