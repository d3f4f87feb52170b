"""Answers in a real Redis: kept for their time, within their room, and done without."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.errors import DependencyDown
from services.kit.redis import Redis, open_redis
from services.llm_gateway.cache.answers import AnswerCache
from services.llm_gateway.cache.flights import Flights
from services.llm_gateway.cache.store import AnswerStore
from tests.fixtures.ports import free_port

PIECES = [b"whole", b'{"a": 1}']


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = open_redis(redis_url, database=1)
    yield client
    await client.aclose()


@pytest.fixture
def store(redis: Redis) -> AnswerStore:
    return AnswerStore(redis, longest=10_000, most=50_000)


class TestGetAndPut:
    async def test_round_trip(self, store: AnswerStore) -> None:
        assert await store.get("k") is None
        odd = [b"stream", '{"text": "Ölfaß 🙂 \u2028\\u0000"}'.encode()]
        await store.put("k", odd, seconds=60)
        assert await store.get("k") == tuple(odd)
        await store.put("k", PIECES, seconds=60)
        assert await store.get("k") == tuple(PIECES)

    async def test_it_expires(self, store: AnswerStore, redis: Redis) -> None:
        await store.put("k", PIECES, seconds=60)
        assert 0 < await redis.ttl("nova:answers:k") <= 60

    async def test_one_too_long_is_not_kept(self, store: AnswerStore) -> None:
        await store.put("k", [b"whole", b"x" * 10_001], seconds=60)
        assert await store.get("k") is None

    async def test_all_together_have_a_limit_and_the_oldest_go(
        self, store: AnswerStore, redis: Redis
    ) -> None:
        for number in range(20):
            await store.put(f"k{number}", [b"whole", b"x" * 9_000], seconds=60 + number)
        there = [number for number in range(20) if await store.get(f"k{number}")]
        assert there == [15, 16, 17, 18, 19]
        assert int(await redis.get("nova:answers:by-sum") or 0) <= 50_000
        assert await redis.hlen("nova:answers:by-size") == 5  # type: ignore[misc]

    async def test_overwriting_counts_once(self, store: AnswerStore, redis: Redis) -> None:
        for _ in range(50):
            await store.put("k", [b"whole", b"x" * 9_000], seconds=60)
        assert int(await redis.get("nova:answers:by-sum") or 0) < 10_000

    async def test_expired_ones_give_their_room_back(
        self, store: AnswerStore, redis: Redis
    ) -> None:
        await store.put("old", [b"whole", b"x" * 9_000], seconds=60)
        await redis.zadd("nova:answers:by-expiry", {"nova:answers:old": 1})
        await store.put("new", PIECES, seconds=60)
        assert int(await redis.get("nova:answers:by-sum") or 0) < 100

    async def test_a_flush_in_between_does_no_harm(self, store: AnswerStore, redis: Redis) -> None:
        await store.put("k", PIECES, seconds=60)
        await redis.flushall()
        await store.put("k", PIECES, seconds=60)
        assert await store.get("k") == tuple(PIECES)
        await redis.delete("nova:answers:by-size", "nova:answers:by-expiry")
        await redis.set("nova:answers:by-sum", 10**9)
        await store.put("l", PIECES, seconds=60)
        assert int(await redis.get("nova:answers:by-sum") or 0) < 100

    @pytest.mark.parametrize("odd", [b"", b"{", b"[]", b'["whole"]', b"7", b"\xff"])
    async def test_what_is_no_answer_is_none(
        self, store: AnswerStore, redis: Redis, odd: bytes
    ) -> None:
        await redis.set("nova:answers:k", odd)
        assert await store.get("k") is None


class TestRedisAway:
    async def test_nothing_listens(self) -> None:
        client = open_redis(f"redis://127.0.0.1:{free_port()}", database=1)
        store = AnswerStore(client, longest=1000, most=1000)
        await store.put("k", PIECES, seconds=60)
        assert await store.get("k") is None
        with pytest.raises(DependencyDown):
            await store.check()
        await client.aclose()

    async def test_one_that_hangs_is_waited_for_once(self) -> None:
        async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.read(1))
            await reader.read()
            writer.close()
            left.set()

        asked: list[bytes] = []
        left = asyncio.Event()
        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = open_redis(f"redis://127.0.0.1:{port}", database=1)
        store = AnswerStore(client, longest=1000, most=1000)
        async with asyncio.timeout(4):
            for _ in range(50):
                assert await store.get("k") is None
        assert len(asked) == 1
        await client.aclose()
        await left.wait()
        server.close()

    async def test_it_comes_back(self, store: AnswerStore, redis_url: str) -> None:
        store._away_until = float("inf")
        assert await store.get("k") is None
        await store.check()
        await store.put("k", PIECES, seconds=60)
        assert await store.get("k") == tuple(PIECES)


def completion(reason: str) -> bytes:
    return (
        b'{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},'
        b'"finish_reason":"%s"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'
        % reason.encode()
    )


class TestAnswerCache:
    @pytest.fixture
    async def cache(self, store: AnswerStore) -> AsyncIterator[AnswerCache]:
        flights = Flights()
        self.flights = flights
        yield AnswerCache(store, flights, seconds=lambda: 60)
        await flights.stop()

    async def ask(self, cache: AnswerCache, *pieces: bytes, stream: bool = False) -> Any:
        self.calls = 0

        async def work() -> Any:
            self.calls += 1
            for piece in pieces:
                yield piece

        name = f"k {'stream' if stream else 'whole'}"
        answer = await cache.answer("k", work, stream=stream)
        found = [piece async for piece in answer.pieces]
        async with asyncio.timeout(5):
            while self.flights.is_running(name):  # noqa: ASYNC110 - the loop's turn
                await asyncio.sleep(0)
        return found, answer.header, self.calls

    async def test_the_second_is_a_hit_in_either_form(self, cache: AnswerCache) -> None:
        plain = completion("stop")
        assert await self.ask(cache, plain) == ([plain], "miss", 1)
        assert await self.ask(cache, b"other") == ([plain], "hit", 0)
        chunks, header, calls = await self.ask(cache, b"other", stream=True)
        assert (header, calls) == ("hit", 0)
        assert b'"content":"hi"' in chunks[0]
        assert b'"usage"' in chunks[-1]

    async def test_a_stream_serves_plain_requests(self, cache: AnswerCache) -> None:
        chunks = [
            b'{"id":"c","choices":[{"index":0,"delta":{"content":"h"},"finish_reason":null}]}',
            b'{"id":"c","choices":[{"index":0,"delta":{"content":"i"},"finish_reason":"stop"}]}',
        ]
        assert await self.ask(cache, *chunks, stream=True) == (chunks, "miss", 1)
        (plain,), header, calls = await self.ask(cache, b"other")
        assert (header, calls) == ("hit", 0)
        assert b'"content":"hi"' in plain

    @pytest.mark.parametrize(
        "answer", [completion("length"), completion("tool_calls"), b"{", b"[]", b'{"error":{}}']
    )
    async def test_what_is_not_whole_is_not_kept(self, cache: AnswerCache, answer: bytes) -> None:
        assert await self.ask(cache, answer) == ([answer], "miss", 1)
        assert await self.ask(cache, answer) == ([answer], "miss", 1)
