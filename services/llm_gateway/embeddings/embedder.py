"""Embeds: what is known comes from the cache, the rest from the model, in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.llm_gateway.calls.dispatch import Body, Call, Calls
from services.llm_gateway.embeddings import batches, vectors
from services.llm_gateway.embeddings.cache import TEXTS, VectorCache, key_of
from services.llm_gateway.embeddings.chain import OFFLINE, EmbeddingChain
from services.llm_gateway.embeddings.inputs import Item
from services.llm_gateway.limits.meter import CHARACTERS_PER_TOKEN, Caller
from services.llm_gateway.models.resolution import Route, Target
from services.llm_gateway.providers.base import JsonDict


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for. `rest`: further fields, which only the provider knows.

    `fallback`: another model may answer while the one in use is away. `keep`: the vectors may be
    kept for the next time.
    """

    items: Sequence[Item]
    model: str | None = None
    dimensions: int | None = None
    fallback: bool = True
    keep: bool = True
    rest: JsonDict = field(default_factory=JsonDict)


@dataclass(frozen=True, slots=True)
class Made:
    """One vector per item, in order. `cached` of them were known, and cost nothing.

    `headers` go to the client with the answer.
    """

    vectors: list[bytes]
    target: Target
    input_tokens: int
    cached: int
    headers: Sequence[tuple[str, str]] = ()

    @property
    def dimensions(self) -> int:
        return vectors.dimensions_of(self.vectors[0])

    @property
    def semantic(self) -> bool:
        """Whether the vectors are about meanings; the offline embedder's are about words."""
        return self.target.provider.traits.slug != OFFLINE


@dataclass(slots=True)
class _Work:
    """What one target is asked for, and what has come of it: a second try goes on from there."""

    target: Target
    items: dict[bytes, Item]
    made: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    tokens: int = 0

    def left(self) -> dict[bytes, Item]:
        return {key: item for key, item in self.items.items() if key not in self.made}


class Embedder:
    """One per process."""

    def __init__(self, chain: EmbeddingChain, *, calls: Calls, cache: VectorCache | None) -> None:
        self._chain = chain
        self._calls = calls
        self._cache = cache

    async def embed(self, caller: Caller, wanted: Wanted) -> Made:
        """Raises UnknownModel, ProviderDown, UpstreamError, and what a call's limits raise.

        A model that fails before it was paid is followed by the next one that may answer.
        """
        offer = await self._chain.offer(
            wanted.model,
            caller.principal,
            dimensions=wanted.dimensions,
            fallback=wanted.fallback,
        )
        first = offer.targets[0]
        keys = _keys(first, wanted)
        known = await self._known(first, keys)
        # Of a text that comes several times, one is embedded.
        missing = {key: item for key, item in keys if key not in known}
        route = Route(tuple(offer.targets))
        async with self._calls.call(
            caller, route, kind="embedding", characters=_characters(missing.values())
        ) as call:
            work = _Work(first, missing)
            if missing:
                work = await self._call(call, wanted, work)
            if work.target is not first:
                keys, known = _keys(work.target, wanted), {}
            vectors_by_key = {**known, **work.made}
            cached = sum(1 for key, _ in keys if key not in work.made)
            TEXTS.labels("cache").inc(cached)
            TEXTS.labels(work.target.provider.traits.slug).inc(len(work.made))
            made = Made(
                [vectors_by_key[key] for key, _ in keys],
                work.target,
                call.meter.input_tokens,
                cached,
                call.admitted.headers,
            )
        await self._chain.stick(offer, made.target, made.dimensions)
        return made

    async def _known(
        self, target: Target, keys: Sequence[tuple[bytes, Item]]
    ) -> dict[bytes, bytes]:
        if self._cache is None or target.provider.traits.slug == OFFLINE:
            return {}
        return await self._cache.find([key for key, _ in keys])

    async def _call(self, call: Call, wanted: Wanted, first: _Work) -> _Work:
        """The missing vectors, from the first target that gives them."""
        works = [first]

        def build(target: Target) -> Body:
            if target is not works[-1].target:
                works.append(_Work(target, dict(_keys(target, wanted))))
            items = list(works[-1].left().values())
            return batches.body_of(target, items, wanted.dimensions, rest=wanted.rest)

        async def ask(target: Target, body: Body) -> _Work:
            work = works[-1]
            while left := work.left():
                batch = next(batches.split(list(left.values())))
                data = await target.provider.embed({**body, "input": batch})
                found, tokens = batches.read(target, data, count=len(batch))
                work.made.update(zip(left, found, strict=False))
                if tokens is not None:
                    work.tokens += tokens
                    call.meter.report({"prompt_tokens": work.tokens})
            return work

        try:
            return await self._calls.begun(call, build=build, work=ask)
        finally:
            # Also of a call that failed later on: what was paid for is not paid for again.
            self._keep(works, wanted)

    def _keep(self, works: Sequence[_Work], wanted: Wanted) -> None:
        for work in works:
            if (
                self._cache is not None
                and wanted.keep
                and work.target.provider.traits.slug != OFFLINE
            ):
                self._cache.add(work.target.id, work.made)


def _keys(target: Target, wanted: Wanted) -> list[tuple[bytes, Item]]:
    endpoint = target.provider.endpoint("/embeddings")
    place = target.provider.traits.title if endpoint is None else endpoint.url
    return [(key_of(target.id, place, wanted.dimensions, item), item) for item in wanted.items]


def _characters(items: Iterable[Item]) -> int:
    """How much text it is; tokens are counted as the text that makes as many."""
    return sum(
        len(item) if isinstance(item, str) else len(item) * CHARACTERS_PER_TOKEN for item in items
    )
