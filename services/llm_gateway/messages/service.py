"""Makes a message: from its request to a chat completion and back; counts tokens."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from services.kit.auth import Principal
from services.kit.errors import NovaError
from services.llm_gateway.completions.service import openai_complete, openai_stream
from services.llm_gateway.deps import State
from services.llm_gateway.dialects.deltas import read_answer, read_chunk
from services.llm_gateway.dialects.refusals import refuse_depth, text_at
from services.llm_gateway.dialects.tokens import estimate_tokens
from services.llm_gateway.messages.composer import Composer
from services.llm_gateway.messages.counting import counted
from services.llm_gateway.messages.errors import anthropic_error
from services.llm_gateway.messages.events import encode
from services.llm_gateway.messages.request import MessageRequest, check_request, read_request
from services.llm_gateway.models.targets import Route
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.routing.categories import last_request


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is understood, with the chat completion that answers it."""

    request: MessageRequest
    chat: JsonDict
    route: Route


async def route_of(state: State, principal: Principal, body: JsonDict) -> Route:
    """Where the message may go. Raises RequestInvalid, UnknownModel or ProviderDown."""
    check_request(body)
    return await state.resolver.route(body["model"], principal, lambda: last_request(body))


def understand(state: State, body: JsonDict, route: Route) -> Asked:
    """Raises RequestInvalid or Unsupported."""
    request = read_request(body, strict_tools=state.dialects.strict_tools)
    target = route.targets[0]
    chat = request.chat_body(
        target.provider.traits, model=target.model, most_output=target.facts.max_output_tokens
    )
    return Asked(request, chat, route)


async def complete(state: State, principal: Principal, asked: Asked) -> JsonDict:
    composer = Composer(asked.request, asked.chat)
    delta = read_answer(await openai_complete(state, principal, asked.chat, route=asked.route))
    for _ in (*composer.take(delta), *composer.finish()):
        continue
    return composer.message()


async def stream(state: State, principal: Principal, asked: Asked) -> AsyncGenerator[bytes, None]:
    """The encoded events. Raises what goes wrong before the first one; later that is an event."""
    composer = Composer(asked.request, asked.chat)
    chunks = openai_stream(state, principal, asked.chat, route=asked.route)
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


async def count_tokens(
    state: State, principal: Principal, body: JsonDict, headers: Mapping[str, str]
) -> int:
    """How many tokens the request has: by Anthropic's own count for its models, else by estimate.

    `headers` are those of the client that Anthropic reads.
    """
    refuse_depth(body)
    route = await state.resolver.route(text_at(body.get("model"), "model"), principal)
    target = route.targets[0]
    if target.provider.traits.wire == "anthropic":
        return await counted(state.upstream, target, body, headers)
    request = read_request(body, strict_tools=False, counting=True)
    return estimate_tokens(request.chat_body(target.provider.traits))
