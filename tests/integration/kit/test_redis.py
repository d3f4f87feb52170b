"""Redis: each service in its own database, and a server that goes away and comes back."""

import signal
from pathlib import Path

import pytest

from services.kit.redis import REDIS_DOWN, RedisError, database_url, open_redis
from tests.fixtures.restartable import RestartableRedis, running


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/2"),
        ("redis://127.0.0.1:6379/", "redis://127.0.0.1:6379/2"),
        ("redis://127.0.0.1:6379/5", "redis://127.0.0.1:6379/2"),
        ("rediss://user:p%40ss@[::1]:6380?x=1", "rediss://user:p%40ss@[::1]:6380/2?x=1"),
    ],
)
def test_the_url_of_a_database(url: str, expected: str) -> None:
    assert database_url(url, database=2) == expected


async def test_databases_are_apart(redis_url: str) -> None:
    one, other = open_redis(redis_url, database=1), open_redis(redis_url, database=2)
    await one.set("key", "one")
    assert await other.get("key") is None
    await other.flushdb()
    assert await one.get("key") == b"one"
    await one.aclose()
    await other.aclose()


async def test_nothing_is_connected_before_its_use() -> None:
    redis = open_redis("redis://127.0.0.1:1", database=0)
    with pytest.raises(REDIS_DOWN):
        await redis.ping()
    await redis.aclose()


async def test_it_comes_back(tmp_path: Path) -> None:
    with running(RestartableRedis(tmp_path)) as server:
        redis = open_redis(server.url, database=1)
        await redis.set("key", "1")
        server.kill()
        with pytest.raises((*REDIS_DOWN, RedisError)):
            await redis.get("key")
        server.start()
        await redis.set("key", "2")
        assert await redis.get("key") == b"2"
        await redis.aclose()


@pytest.mark.parametrize("blocking", [False, True])
async def test_one_that_hangs_is_not_waited_for_without_end(
    tmp_path: Path, *, blocking: bool
) -> None:
    with running(RestartableRedis(tmp_path)) as server:
        redis = open_redis(server.url, database=1, blocking=blocking)
        await redis.ping()
        server.send(signal.SIGSTOP)
        with pytest.raises(REDIS_DOWN):
            await redis.ping()
        server.send(signal.SIGCONT)
        assert await redis.ping()
        await redis.aclose()
