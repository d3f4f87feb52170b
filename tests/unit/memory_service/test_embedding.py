"""Asking the gateway for vectors, over real HTTP."""

import json
import math
from collections.abc import AsyncIterator

import pytest

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.http import Peer
from services.kit.http_pool import HttpPool
from services.memory_service.ingest.embedding import Embedder, NoEmbedding, TextRefused
from tests.fixtures.embedding_gateway import EmbeddingGateway


@pytest.fixture
async def embedder(embedding_gateway: EmbeddingGateway) -> AsyncIterator[Embedder]:
    async with HttpPool() as pool:
        peer = Peer(pool, name="llm-gateway", url=embedding_gateway.url, caller="test", secret="s")
        yield Embedder(LlmGatewayClient(peer), seconds=10, pause=60)


class TestEmbed:
    async def test_one_vector_a_text_of_length_one(
        self, embedder: Embedder, embedding_gateway: EmbeddingGateway
    ) -> None:
        vectors = await embedder.embed([f"text {n}" for n in range(150)])
        assert len(vectors) == embedding_gateway.calls == 150
        for vector in vectors:
            assert vector is not None
            values = json.loads(vector.literal)
            assert len(values) == vector.dimensions
            assert math.hypot(*values) == pytest.approx(1)
            assert vector.model == embedding_gateway.model

    async def test_a_text_without_meaning_has_none(self, embedder: Embedder) -> None:
        assert await embedder.embed(["…"]) == [None]

    async def test_after_a_failure_it_does_not_ask_again_at_once(
        self, embedder: Embedder, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.mode = "down"
        with pytest.raises(NoEmbedding, match="no provider"):
            await embedder.embed(["x"])
        embedding_gateway.mode = "ok"
        with pytest.raises(NoEmbedding, match="no provider"):
            await embedder.embed(["x"])
        assert embedding_gateway.calls == 0
        assert await embedder.embed_or_none(["x", "y"]) == [None, None]

    async def test_a_refused_text_is_no_failure_of_the_gateway(
        self, embedder: Embedder, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.refused = "bad"
        with pytest.raises(TextRefused, match="refused"):
            await embedder.embed(["bad"])
        assert await embedder.embed(["good"]) != [None]
