"""POST /complete and /stream: Nova's own form, for the engine."""

from collections.abc import AsyncGenerator

from pydantic import ValidationError

from contracts.llm import CompleteRequest, StreamError
from services.kit.error_handlers import describe
from services.kit.errors import Invalid, NovaError
from services.kit.events import DONE, with_heartbeat
from services.llm_gateway.completions import service
from services.llm_gateway.completions.raw import Note
from services.llm_gateway.front.body import read_object
from services.llm_gateway.front.exchange import Exchange


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
    events = service.stream_events(exchange.state, exchange.principal, request, note=note)
    with exchange.while_connected():
        try:
            async with exchange.with_patience():
                first = await anext(events, b"")
        except BaseException as error:
            await events.aclose()
            if not exchange.started or not isinstance(error, NovaError):
                raise
            await exchange.end(_failure(error) + DONE)
            return
        exchange.add(note.answer_headers.items())
        await exchange.begin_events()
        blocks = with_heartbeat(_until_failure(first, events))
        try:
            async for block in blocks:
                await exchange.write(block)
        finally:
            await blocks.aclose()
        await exchange.end()


async def _until_failure(
    first: bytes, events: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    try:
        yield first
        async for event in events:
            yield event
    except NovaError as error:
        yield _failure(error)
    finally:
        await events.aclose()
    yield DONE


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
