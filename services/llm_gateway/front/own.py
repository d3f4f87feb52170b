"""POST /complete and /stream: Nova's own form, for the engine."""

from contextlib import aclosing

import orjson
from pydantic import ValidationError

from contracts.llm import CompleteRequest, StreamChunk, StreamError
from services.kit.error_handlers import describe
from services.kit.errors import Invalid, NovaError
from services.kit.events import DONE
from services.llm_gateway.completions import service
from services.llm_gateway.completions.raw import Note
from services.llm_gateway.front.body import read_object
from services.llm_gateway.front.exchange import Exchange
from services.llm_gateway.front.together import pass_on


async def complete(exchange: Exchange) -> None:
    request = _read(exchange.body)
    with exchange.while_connected():
        note = _note(exchange)
        answer = await service.complete(exchange.state, exchange.principal, request, note=note)
        exchange.add(note.answer_headers.items())
        await exchange.answer(answer.model_dump_json().encode())


async def stream(exchange: Exchange) -> None:
    """Raises NovaError as long as nothing was sent; after that it is an event before [DONE]."""
    request = _read(exchange.body)
    note = _note(exchange)
    pieces = service.stream_pieces(exchange.state, exchange.principal, request, note=note)
    with exchange.while_connected():
        try:
            async with aclosing(pieces):
                async with exchange.with_patience():
                    first = await anext(pieces)  # the last one comes at any rate
                exchange.add(note.answer_headers.items())
                await exchange.begin_events()
                last = await pass_on(
                    pieces, lambda found: exchange.write(_events(found)), first=[first]
                )
        except NovaError as error:
            if not exchange.started:
                raise
            await exchange.end(_failure(error) + DONE)
            return
        await exchange.end(_events(last) + DONE)


def _events(pieces: list[str | StreamChunk]) -> bytes:
    """The events of what has come together: its text in one."""
    text = "".join([piece for piece in pieces if isinstance(piece, str)])
    # What StreamChunk(delta=text) looks like.
    data = b'data: {"delta":%b,"tool_calls":[]}\n\n' % orjson.dumps(text) if text else b""
    for piece in pieces:
        if not isinstance(piece, str):
            data += b"data: %b\n\n" % piece.model_dump_json(exclude_none=True).encode()
    return data


def _failure(error: NovaError) -> bytes:
    failure = StreamError(detail=error.detail, code=error.code, facts=error.facts)
    return b"data: " + failure.model_dump_json(exclude_none=True).encode() + b"\n\n"


def _note(exchange: Exchange) -> Note:
    return Note({"cache-control": exchange.cache_control}, on_admitted=exchange.add)


def _read(body: bytes) -> CompleteRequest:
    given = read_object(body)
    try:
        return CompleteRequest.model_validate(given)
    except ValidationError as error:
        raise Invalid(describe(error.errors()), code="validation_failed") from error
