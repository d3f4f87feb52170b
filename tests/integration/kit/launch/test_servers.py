"""The embedded servers run, keep strangers out, and have what Nova needs."""

import asyncpg
import pytest
import redis

from tests.fixtures.postgres import PostgresServer
from tests.fixtures.redis import RedisServer


class TestPostgres:
    async def test_it_is_new_enough_has_pgvector_and_speaks_utf8(
        self, empty_database_url: str
    ) -> None:
        connection = await asyncpg.connect(empty_database_url)
        await connection.execute("CREATE EXTENSION vector")
        assert await connection.fetchval("SELECT '[1,2]'::vector <-> '[1,4]'::vector") == 2
        assert connection.get_server_version().major >= 16
        assert await connection.fetchval("SHOW server_encoding") == "UTF8"
        assert await connection.fetchval("SELECT lower('ÄÖ')") == "äö"
        await connection.close()

    async def test_a_wrong_password_is_refused(self, postgres_server: PostgresServer) -> None:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(postgres_server.dsn(), password="wrong")

    async def test_nova_has_its_database(self, postgres_server: PostgresServer) -> None:
        connection = await asyncpg.connect(postgres_server.dsn("nova"))
        assert await connection.fetchval("SELECT current_user") == "nova"
        await connection.close()


class TestRedis:
    def test_it_wants_its_password(self, redis_server: RedisServer) -> None:
        with (
            redis.Redis(port=redis_server.port) as stranger,
            pytest.raises(redis.exceptions.AuthenticationError),
        ):
            stranger.ping()

    def test_each_test_gets_it_empty(self, redis_url: str) -> None:
        with redis.Redis.from_url(redis_url) as client:
            assert client.dbsize() == 0
            client.set("left over", 1)

    test_and_the_next_one_too = test_each_test_gets_it_empty
