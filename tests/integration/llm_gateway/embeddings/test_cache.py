"""Texts that were embedded before cost nothing, whatever else is there or not."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import redis

from services.kit.db import Database
from services.llm_gateway.embeddings import queries
from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import Rows, Usage
from tests.integration.llm_gateway.embeddings.embedding_server import (
    MODEL,
    EmbeddingServer,
    vector_of,
)

Embed = Callable[..., dict[str, Any]]


def embed(client: httpx.Client, *texts: str, **fields: Any) -> dict[str, Any]:
    answer = client.post("/embed", json={"texts": list(texts), "model": MODEL, **fields})
    assert answer.is_success, answer.text
    return answer.json()


def until_kept(rows: Rows, count: int) -> None:
    rows("SELECT key FROM embedding_cache", until=count)


class TestHits:
    def test_only_the_missing_texts_are_sent(
        self, client: httpx.Client, server: EmbeddingServer, usage: Usage
    ) -> None:
        embed(client, "a", "b")
        answer = embed(client, "b", "c d", "a", "e")
        assert server.inputs == ["a", "b", "c d", "e"]
        assert answer["embeddings"] == [vector_of(text) for text in ("b", "c d", "a", "e")]
        assert (answer["cached"], answer["input_tokens"]) == (2, 3)
        assert [row["input_tokens"] for row in usage(2)] == [2, 3]

    def test_all_known_is_no_call(
        self, client: httpx.Client, server: EmbeddingServer, usage: Usage, rows: Rows
    ) -> None:
        embed(client, "a")
        usage(1)
        server.status = 500
        answer = embed(client, "a")
        assert (answer["cached"], answer["input_tokens"]) == (1, 0)
        assert answer["embeddings"] == [vector_of("a")]
        assert len(server.calls) == 1
        assert len(rows("SELECT id FROM usage_events")) == 1

    def test_one_text_several_times_is_embedded_once(
        self, client: httpx.Client, server: EmbeddingServer
    ) -> None:
        answer = embed(client, "a", "b", "a", "a")
        assert server.inputs == ["a", "b"]
        assert answer["embeddings"] == [vector_of(text) for text in ("a", "b", "a", "a")]

    def test_both_routes_share_it(self, client: httpx.Client, server: EmbeddingServer) -> None:
        embed(client, "a")
        answer = client.post("/v1/embeddings", json={"model": MODEL, "input": "a"})
        assert answer.headers["X-Nova-Cached-Texts"] == "1"
        assert answer.json()["data"][0]["embedding"] == vector_of("a")
        assert len(server.calls) == 1

    def test_survives_the_gateway(
        self,
        start_gateway: StartGateway,
        provider: ProviderServer,
        server: EmbeddingServer,
        rows: Rows,
    ) -> None:
        settings = {"OPENAI_API_BASE": provider.url, "OPENAI_API_KEY": "sk-test"}
        for calls in (1, 1):
            gateway = start_gateway(**settings)
            with httpx.Client(base_url=gateway.url, headers=gateway.service()) as client:
                assert embed(client, "a")["embeddings"] == [vector_of("a")]
            assert len(server.calls) == calls
            until_kept(rows, 1)
            gateway.kill()


class TestMisses:
    def test_other_dimensions_model_or_letter(
        self, client: httpx.Client, server: EmbeddingServer
    ) -> None:
        embed(client, "a")
        embed(client, "a", dimensions=4)
        embed(client, "a", model="text-embedding-other")
        embed(client, "A")
        embed(client, "a ")
        assert len(server.calls) == 5

    def test_another_server_with_a_model_of_that_name(
        self, start_gateway: StartGateway, rows: Rows
    ) -> None:
        for number in (1, 2):
            server = EmbeddingServer()
            with ProviderServer(server.handle) as provider:
                gateway = start_gateway(OPENAI_API_BASE=provider.url, OPENAI_API_KEY="sk-test")
                with httpx.Client(base_url=gateway.url, headers=gateway.service()) as client:
                    embed(client, "a")
                until_kept(rows, number)
            assert len(server.calls) == 1

    def test_what_may_not_be_kept(
        self, client: httpx.Client, server: EmbeddingServer, rows: Rows
    ) -> None:
        embed(client, "a secret", keep=False)
        embed(client, "another")
        until_kept(rows, 1)
        embed(client, "a secret")
        assert server.inputs == ["a secret", "another", "a secret"]

    def test_a_failed_call_leaves_nothing(
        self, client: httpx.Client, server: EmbeddingServer
    ) -> None:
        server.status = 400
        assert client.post("/embed", json={"text": "a", "model": MODEL}).status_code == 502
        server.status = 200
        assert embed(client, "a")["cached"] == 0

    def test_switched_off(
        self, start_gateway: StartGateway, provider: ProviderServer, server: EmbeddingServer
    ) -> None:
        gateway = start_gateway(
            OPENAI_API_BASE=provider.url, OPENAI_API_KEY="sk-test", NOVA_EMBEDDING_CACHE_MB="0"
        )
        with httpx.Client(base_url=gateway.url, headers=gateway.service()) as client:
            assert embed(client, "a")["cached"] == embed(client, "a")["cached"] == 0
        assert len(server.calls) == 2


class TestStores:
    def test_redis_holds_what_is_asked_for_again(
        self,
        start_gateway: StartGateway,
        provider: ProviderServer,
        server: EmbeddingServer,
        redis_url: str,
        rows: Rows,
    ) -> None:
        gateway = start_gateway(
            OPENAI_API_BASE=provider.url, OPENAI_API_KEY="sk-test", REDIS_URL=redis_url
        )
        with (
            httpx.Client(base_url=gateway.url, headers=gateway.service()) as client,
            redis.Redis.from_url(f"{redis_url}/1") as store,
        ):
            embed(client, "a", "b")
            until_kept(rows, 2)
            hot = "nova:vector:*"  # other things of the gateway stand in the same database
            wait_until(lambda: embed(client, "a") and store.keys(hot), what="the hot vector")
            assert len(store.keys(hot)) == 1
            # Gone from PostgreSQL, so that it can only come from Redis.
            rows("DELETE FROM embedding_cache")
            assert embed(client, "a")["embeddings"] == [vector_of("a")]
            store.flushall()
            assert embed(client, "a")["cached"] == 0
        assert server.inputs == ["a", "b", "a"]

    def test_without_redis_or_table_all_is_embedded_again(
        self, start_gateway: StartGateway, provider: ProviderServer, rows: Rows
    ) -> None:
        gateway = start_gateway(
            OPENAI_API_BASE=provider.url,
            OPENAI_API_KEY="sk-test",
            REDIS_URL="redis://127.0.0.1:1",
        )
        rows("DROP TABLE embedding_cache")
        with httpx.Client(base_url=gateway.url, headers=gateway.service()) as client:
            for _ in range(2):
                assert embed(client, "a")["embeddings"] == [vector_of("a")]

    def test_many_at_once(self, gateway: GatewayProcess, server: EmbeddingServer) -> None:
        server.delay = 0.05

        async def all_of_them() -> list[dict[str, Any]]:
            async with httpx.AsyncClient(
                base_url=gateway.url, headers=gateway.service(), timeout=60
            ) as client:
                bodies = [
                    {"texts": [f"t{i}", f"t{i + 1}", "common"], "model": MODEL} for i in range(40)
                ]
                answers = await asyncio.gather(*(client.post("/embed", json=b) for b in bodies))
            return [answer.json() for answer in answers]

        for i, answer in enumerate(asyncio.run(all_of_them())):
            expected = [vector_of(text) for text in (f"t{i}", f"t{i + 1}", "common")]
            assert answer["embeddings"] == expected


class TestPrune:
    async def test_keeps_what_was_used_last(self, database_url: str) -> None:
        database = Database(database_url)
        await database.open()
        try:
            async with database.connection() as connection:
                await queries.keep(
                    connection, [(bytes([n]) * 32, MODEL, bytes(872)) for n in range(10)]
                )
                await connection.execute(
                    "UPDATE embedding_cache"
                    " SET used_at = now() - get_byte(key, 0) * interval '10 day'"
                )
                used = await queries.find(connection, [bytes([4]) * 32, b"?" * 32])
                assert [len(row.vector) for row in used] == [872]
                assert await queries.prune(connection, most_bytes=4_000, days=75) == 6
                left = await connection.fetch("SELECT get_byte(key, 0) AS n FROM embedding_cache")
            assert {row["n"] for row in left} == {0, 1, 2, 4}
        finally:
            await database.close()
