"""A provider's own answers in OpenAI's form: metered, and from the cache where they may be."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from services.kit.errors import NovaError
from services.llm_gateway.cache.answers import Answer
from services.llm_gateway.cache.keys import cache_key
from services.llm_gateway.deps import State
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.limits.admission.admit import Admitted
from services.llm_gateway.limits.meter import Caller, Meter, count_of
from services.llm_gateway.models.resolution import Route, Target
from services.llm_gateway.providers.base import JsonDict

Build = Callable[[Target], JsonDict]
OnAdmitted = Callable[[Sequence[tuple[str, str]]], None]
_NO_HEADERS: dict[str, str] = {}


@dataclass(slots=True)
class Note:
    """What is known of a call beside its answer; `headers` are the client's.

    `first` is the route's first target; `target` and `meter` are there once a provider has begun to
    answer, `answer` if the cache was asked.
    """

    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)
    no_store: bool = False
    on_admitted: OnAdmitted | None = None
    first: Target | None = None
    target: Target | None = None
    meter: Meter | None = None
    answer: Answer | None = None

    def admitted(self, admitted: Admitted) -> None:
        """The call may be made; `on_admitted` is told the headers for its answer."""
        if self.on_admitted is not None:
            self.on_admitted(admitted.headers)

    @property
    def model(self) -> str:
        """The id of the model that answers, or has answered what was kept."""
        target = self.target or self.first
        return "" if target is None else target.id

    @property
    def slug(self) -> str:
        target = self.target or self.first
        return "gateway" if target is None else target.provider.traits.slug

    def spent(self, usage: Any) -> "Spent":
        """What the call took; `usage` is what the answer says, where the call was not its own."""
        if self.meter is not None:
            meter = self.meter
            return Spent(meter.input_tokens, meter.output_tokens, meter.cost_usd)
        given: JsonDict = cast("JsonDict", usage) if isinstance(usage, dict) else {}
        return Spent(count_of(given, "prompt_tokens"), count_of(given, "completion_tokens"), 0.0)

    @property
    def answer_headers(self) -> dict[str, str]:
        return {} if self.answer is None else {"x-nova-cache": self.answer.header}


@dataclass(frozen=True, slots=True)
class Spent:
    """`cost_usd` None: not known."""

    input_tokens: int
    output_tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call: `build` makes its body for a target; `characters` is how much text that holds, roughly.

    `stream`: its pieces are chunks, usage included.
    """

    caller: Caller
    route: Route
    build: Build
    stream: bool
    characters: int

    def asked(self) -> JsonDict:
        """The request as the first target gets it."""
        return self.build(self.route.targets[0])


def answer(state: State, wanted: Wanted, note: Note) -> AsyncGenerator[bytes, None]:
    """The pieces of the answer: a stream's chunks, else the one completion."""
    key = key_of(state, wanted, note)
    if key is None:
        return _work(state, wanted, note)
    return cached(state, wanted, note, key)


async def answer_chunks(state: State, wanted: Wanted, note: Note) -> AsyncGenerator[JsonDict, None]:
    """The chunks of a streamed answer, read."""
    key = key_of(state, wanted, note)
    if key is None:
        async with aclosing(_chunks(state, wanted, note)) as chunks:
            async for _, chunk in chunks:
                yield chunk
        return
    async with aclosing(cached(state, wanted, note, key)) as pieces:
        async for data in pieces:
            yield orjson.loads(data)


def key_of(state: State, wanted: Wanted, note: Note) -> str | None:
    """The key under which the answer may be kept; None if it has to be asked for anew."""
    target = note.first = wanted.route.targets[0]
    if not state.answers.is_on or note.no_store:
        return None
    principal, body = wanted.caller.principal, wanted.build(target)
    return cache_key(principal, body, target_id=target.id, headers=note.headers)


def _work(state: State, wanted: Wanted, note: Note) -> AsyncGenerator[bytes, None]:
    return (_streamed if wanted.stream else _whole)(state, wanted, note)


async def cached(state: State, wanted: Wanted, note: Note, key: str) -> AsyncGenerator[bytes, None]:
    """The same of a request that has a key."""
    started, first = time.monotonic(), wanted.route.targets[0]
    found = note.answer = await state.answers.answer(
        key,
        lambda: _work(state, wanted, note),
        stream=wanted.stream,
        # What a fallback said is not what the model would say once it is back.
        keep_if=lambda: note.target is not None and note.target.id == first.id,
    )
    if found.source != "provider":
        characters = wanted.characters
        note.admitted(await state.calls.admit(wanted.caller, wanted.route, characters=characters))
    usage: JsonDict | None = None
    error: str | None = "the client went away"
    try:
        async with aclosing(found.pieces) as pieces:
            async for data in pieces:
                if found.source != "provider":
                    usage = _usage(data) or usage
                yield data
        error = None
    except NovaError as failure:
        error = failure.detail
        raise
    finally:
        if found.source == "provider":
            state.calls.missed()
        else:
            state.calls.answered(
                wanted.caller, first, usage, source=found.source, started=started, error=error
            )


async def _whole(state: State, wanted: Wanted, note: Note) -> AsyncGenerator[bytes, None]:
    calls = state.calls
    size = wanted.characters
    async with calls.call(
        wanted.caller, wanted.route, kind="chat", characters=size, asked=wanted.asked
    ) as call:
        note.meter = call.meter
        note.admitted(call.admitted)
        note.target, data = await calls.begun(call, build=wanted.build, work=_completed)
        parsed_answer = parsed(note.target, data)
        call.meter.output_characters = len(orjson.dumps(parsed_answer.get("choices")))
        report(call.meter, parsed_answer)
    yield data


async def _streamed(state: State, wanted: Wanted, note: Note) -> AsyncGenerator[bytes, None]:
    async with aclosing(_chunks(state, wanted, note)) as chunks:
        async for data, _ in chunks:
            yield data


async def _chunks(
    state: State, wanted: Wanted, note: Note
) -> AsyncGenerator[tuple[bytes, JsonDict], None]:
    """Each chunk as it came, and read."""
    calls = state.calls
    size = wanted.characters
    async with calls.call(
        wanted.caller, wanted.route, kind="chat", characters=size, asked=wanted.asked
    ) as call:
        note.meter = call.meter
        note.admitted(call.admitted)
        opened = await calls.begun(call, build=wanted.build, work=_opened)
        note.target = opened.target
        async with aclosing(opened.pieces()) as pieces:
            async for data in pieces:
                call.check_deadline()
                chunk = parsed(opened.target, data)
                report(call.meter, chunk)
                for choice in cast("list[JsonDict]", chunk.get("choices") or []):
                    call.meter.output_characters += _size(choice.get("delta"))
                yield data, chunk


def _size(delta: JsonDict | None) -> int:
    """About how many characters a piece of an answer has; at least one."""
    if delta is None:
        return 1
    text = delta.get("content")
    if isinstance(text, str) and not delta.get("tool_calls"):
        return len(text) + 1
    return len(orjson.dumps(delta))


async def _completed(target: Target, body: JsonDict) -> tuple[Target, bytes]:
    return target, await target.provider.complete(body)


@dataclass(slots=True)
class _Opened:
    """A stream whose first chunk has come (None: it has none)."""

    target: Target
    first: bytes | None
    rest: AsyncGenerator[bytes, None]

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            if self.first is not None:
                yield self.first
            async for data in self.rest:
                yield data
        finally:
            await self.rest.aclose()


async def _opened(target: Target, body: JsonDict) -> _Opened:
    rest = target.provider.stream(body)
    try:
        first = await anext(rest, None)
    except BaseException:
        await rest.aclose()
        raise
    return _Opened(target, first, rest)


def parsed(target: Target, data: bytes) -> JsonDict:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        name = target.provider.traits.slug
        raise UpstreamError(name, 0, "its answer is not JSON") from error
    if not isinstance(found, dict):
        raise UpstreamError(target.provider.traits.slug, 0, "its answer is no JSON object")
    return cast("JsonDict", found)


def report(meter: Meter, given: JsonDict) -> None:
    """Take what an answer, or a chunk of one, says of itself and of its usage."""
    meter.describe(given)
    usage = given.get("usage")
    if isinstance(usage, dict):
        meter.report(cast("JsonDict", usage))


def _usage(data: bytes) -> JsonDict | None:
    """What a kept answer's piece says of its usage."""
    if b'"usage"' not in data:
        return None
    piece: Any = orjson.loads(data)
    usage = cast("JsonDict", piece).get("usage") if isinstance(piece, dict) else None
    return cast("JsonDict", usage) if isinstance(usage, dict) else None
