"""Chat completions of temperature 0: from the cache, or by a call that others share."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from contracts.errors import OpenAIErrorBody
from services.kit.errors import NovaError
from services.kit.events import DONE
from services.llm_gateway.completions.raw import Note, Wanted, cached, key_of
from services.llm_gateway.completions.service import is_usage_alone
from services.llm_gateway.front.exchange import Exchange
from services.llm_gateway.front.together import pass_on
from services.llm_gateway.openai_errors import openai_error
from services.llm_gateway.providers.base import JsonDict


async def answered(exchange: Exchange, given: JsonDict, wanted: Wanted) -> bool:
    """Answer the request, if it is one that may be kept; False for any other.

    Raises NovaError as long as nothing was sent.
    """
    # Most requests are told apart here: an answer is kept only if its temperature is 0.
    if given.get("temperature") != 0:
        return False
    note = Note({"cache-control": exchange.cache_control}, on_admitted=exchange.add)
    key = key_of(exchange.state, wanted, note)
    if key is None:
        return False
    pieces = cached(exchange.state, wanted, note, key)
    if wanted.stream:
        await _streamed(exchange, given, note, pieces)
        return True
    async with aclosing(pieces):
        data = b"".join([piece async for piece in pieces])
    exchange.add(note.answer_headers.items())
    await exchange.answer(data)
    return True


async def _streamed(
    exchange: Exchange, given: JsonDict, note: Note, pieces: AsyncGenerator[bytes, None]
) -> None:
    options = cast("JsonDict", given.get("stream_options") or {})
    events = _events(pieces, wants_usage=bool(options.get("include_usage")))
    try:
        async with exchange.with_patience():
            first = await anext(events, b"")
        exchange.add(note.answer_headers.items())
        await exchange.begin_events()
        last = await pass_on(events, lambda found: exchange.write(b"".join(found)), first=[first])
    except NovaError as error:
        if not exchange.started:
            raise
        # No [DONE] after an error: a client must not take the answer for a whole one.
        failure = OpenAIErrorBody(error=openai_error(error)).model_dump_json()
        await exchange.end(f"data: {failure}\n\n".encode())
        return
    finally:
        await events.aclose()
    await exchange.end(b"".join(last) + DONE)


async def _events(
    pieces: AsyncGenerator[bytes, None], *, wants_usage: bool
) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        async for data in pieces:
            if wants_usage or not is_usage_alone(data):
                yield b"data: %b\n\n" % data
