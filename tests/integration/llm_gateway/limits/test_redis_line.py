"""The rates' own connection to Redis, with a real one that is killed, stopped and emptied."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.llm_gateway.limits.admission.redis_line import RedisLine, RefusedError
from tests.fixtures.ports import free_port
from tests.fixtures.redis import RedisServer
from tests.fixtures.restartable import RestartableRedis, running


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RestartableRedis]:
    with running(RestartableRedis(tmp_path)) as server:
        yield server


def line(url: str, **given: float) -> RedisLine:
    return RedisLine(url, database=1, **{"connect_seconds": 5.0, **given})


class TestExecute:
    async def test_answers_come_in_the_order_of_the_commands(self, redis_url: str) -> None:
        found = line(redis_url)
        answers = await asyncio.gather(*(found.execute("ECHO", str(i)) for i in range(2_000)))
        assert answers == [b"%d" % i for i in range(2_000)]
        assert await found.execute("SET", "ключ", b"\x00\xff") == b"OK"
        assert await found.execute("GET", "ключ") == b"\x00\xff"
        found.drop()

    async def test_the_database_is_the_given_one(self, redis_url: str) -> None:
        one, other = line(redis_url), RedisLine(redis_url, database=2, connect_seconds=5)
        await one.execute("SET", "key", 1)
        assert await other.execute("GET", "key") is None
        for each in (one, other):
            each.drop()

    async def test_an_error_is_that_command_s_alone(self, redis_url: str) -> None:
        found = line(redis_url)
        await found.execute("SET", "text", "x")
        wrong = asyncio.ensure_future(found.execute("INCR", "text"))
        right = asyncio.ensure_future(found.execute("GET", "text"))
        with pytest.raises(RefusedError):
            await wrong
        assert await right == b"x"
        found.drop()

    async def test_who_leaves_takes_nobody_else_s_answer(self, redis_url: str) -> None:
        found = line(redis_url)
        await found.execute("PING")
        leaving = [asyncio.ensure_future(found.execute("ECHO", str(i))) for i in range(10)]
        await asyncio.sleep(0)
        for each in leaving[::2]:
            each.cancel()
        stayed = await asyncio.gather(*leaving[1::2])
        assert stayed == [b"%d" % i for i in range(1, 10, 2)]
        assert await found.execute("ECHO", "last") == b"last"
        found.drop()

    async def test_a_wrong_password_is_refused(self, redis_server: RedisServer) -> None:
        found = line(f"redis://:wrong@127.0.0.1:{redis_server.port}")
        with pytest.raises(RefusedError):
            await found.execute("PING")

    async def test_nobody_listens(self) -> None:
        with pytest.raises(OSError, match="onnect"):
            await line(f"redis://127.0.0.1:{free_port()}").execute("PING")

    async def test_what_is_no_redis_answers(self) -> None:
        async def other(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(other, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionError):
            await line(f"redis://127.0.0.1:{port}").execute("PING")
        server.close()


class TestLoss:
    async def test_it_connects_again_after_a_kill(self, own_redis: RestartableRedis) -> None:
        found = line(own_redis.url)
        await found.execute("PING")
        own_redis.kill()
        with pytest.raises(OSError):  # noqa: PT011 - a lost connection or a refused one
            await found.execute("PING")
        own_redis.start()
        assert await found.execute("PING") == b"PONG"
        found.drop()

    async def test_all_that_wait_are_told(self, own_redis: RestartableRedis) -> None:
        found = line(own_redis.url)
        await found.execute("PING")
        own_redis.send(signal.SIGSTOP)
        waiting = [asyncio.ensure_future(found.execute("PING")) for _ in range(50)]
        await asyncio.sleep(0)
        own_redis.kill()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(answer, OSError) for answer in answers)

    async def test_a_dropped_one_leaves_nothing_waiting(self, own_redis: RestartableRedis) -> None:
        found = line(own_redis.url, connect_seconds=0.3)
        await found.execute("PING")
        own_redis.send(signal.SIGSTOP)
        waiting = asyncio.ensure_future(found.execute("PING"))
        await asyncio.sleep(0)
        found.drop()
        with pytest.raises(ConnectionError):
            await waiting
        # Connecting to one that stands still ends too.
        with pytest.raises(ConnectionError):
            await found.execute("PING")
        own_redis.send(signal.SIGCONT)
        assert await found.execute("PING") == b"PONG"
        found.drop()

    async def test_many_at_once_share_one_new_connection(self, own_redis: RestartableRedis) -> None:
        found = line(own_redis.url)
        await asyncio.gather(*(found.execute("PING") for _ in range(100)))
        clients = (await found.execute("CLIENT", "LIST")).decode().splitlines()
        assert len(clients) == 1
        found.drop()
