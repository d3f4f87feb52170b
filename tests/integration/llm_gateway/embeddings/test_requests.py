"""POST /embed and /v1/embeddings: OpenAI's forms of input and output, batches, refusals."""

import base64
import json
import struct
from typing import Any

import httpx
import openai
import pytest

from tests.fixtures.gateway import ADMIN, GatewayProcess
from tests.integration.llm_gateway.conftest import Usage
from tests.integration.llm_gateway.embeddings.embedding_server import (
    DIMENSIONS,
    MODEL,
    EmbeddingServer,
    vector_of,
)

JSON = {"Content-Type": "application/json"}


class TestEmbed:
    def test_names_the_model_and_its_dimensions(self, client: httpx.Client) -> None:
        answer = client.post("/embed", json={"texts": ["a b", "c"]}).json()
        assert answer["embeddings"] == [vector_of("a b"), vector_of("c")]
        assert (answer["model"], answer["dimensions"]) == (MODEL, DIMENSIONS)
        assert (answer["input_tokens"], answer["cached"], answer["semantic"]) == (3, 0, True)

    def test_dimensions(self, client: httpx.Client) -> None:
        body = {"text": "a", "model": MODEL, "dimensions": 5}
        answer = client.post("/embed", json=body).json()
        assert answer["embeddings"] == [vector_of("a", 5)]
        assert answer["dimensions"] == 5

    def test_offline_says_that_it_knows_no_meanings(self, client: httpx.Client) -> None:
        answer = client.post("/embed", json={"text": "a", "model": "offline/hash-384"}).json()
        assert answer["semantic"] is False
        assert (answer["model"], answer["dimensions"]) == ("offline/hash-384", 384)

    @pytest.mark.parametrize("bad", ["", "a\u0000b", "x" * 200_001])
    def test_a_bad_text_is_named_by_its_place(
        self, client: httpx.Client, server: EmbeddingServer, bad: str
    ) -> None:
        answer = client.post("/embed", json={"texts": ["fine", "fine", bad]})
        assert answer.status_code == 422
        assert "texts" in answer.json()["detail"]
        assert "2" in answer.json()["detail"]
        assert server.calls == []


class TestOpenAI:
    def test_the_official_client(self, gateway: GatewayProcess) -> None:
        """It asks for base64, and gives numbers."""
        with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=ADMIN, max_retries=0) as sdk:
            answer = sdk.embeddings.create(model=MODEL, input=["a", "b"])
            short = sdk.embeddings.create(model=MODEL, input="a", dimensions=3)
        assert [row.embedding for row in answer.data] == [vector_of("a"), vector_of("b")]
        assert answer.model == MODEL
        assert answer.usage.prompt_tokens == 2
        assert short.data[0].embedding == vector_of("a", 3)

    @pytest.mark.parametrize(
        ("given", "items"),
        [
            ("a", ["a"]),
            (["a", "b"], ["a", "b"]),
            ([1, 2], [[1, 2]]),
            ([[1], [2, 3]], [[1], [2, 3]]),
        ],
    )
    def test_forms_of_input(
        self, client: httpx.Client, server: EmbeddingServer, given: Any, items: list[Any]
    ) -> None:
        answer = client.post("/v1/embeddings", json={"model": MODEL, "input": given}).json()
        assert [row["index"] for row in answer["data"]] == list(range(len(items)))
        assert [row["embedding"] for row in answer["data"]] == [vector_of(item) for item in items]
        assert server.inputs == items

    def test_base64_new_and_cached(self, client: httpx.Client) -> None:
        body = {"model": MODEL, "input": "a", "encoding_format": "base64"}
        for known in ("0", "1"):
            answer = client.post("/v1/embeddings", json=body)
            assert answer.headers["X-Nova-Cached-Texts"] == known
            packed = base64.b64decode(answer.json()["data"][0]["embedding"])
            assert list(struct.unpack(f"<{DIMENSIONS}f", packed)) == vector_of("a")

    def test_further_fields_reach_the_provider(
        self, client: httpx.Client, server: EmbeddingServer
    ) -> None:
        body = {"model": MODEL, "input": "a", "user": "u-1", "input_type": "query"}
        assert client.post("/v1/embeddings", json=body).is_success
        assert server.bodies[0] == {**body, "input": ["a"]}

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"input": []},
            {"input": {"a": 1}},
            {"input": ["a", 3]},
            {"input": ["a", ""]},
            {"input": ["a", "\ud800"]},
            {"input": "a", "dimensions": 0},
            {"input": "a", "dimensions": "many"},
            {"input": "a", "encoding_format": "gif"},
        ],
    )
    def test_refused_before_anybody_is_asked(
        self, client: httpx.Client, server: EmbeddingServer, body: dict[str, Any]
    ) -> None:
        content = json.dumps({"model": MODEL, **body})  # its escapes let a lone surrogate through
        answer = client.post("/v1/embeddings", content=content, headers=JSON)
        assert answer.status_code in {400, 422}
        assert answer.json()["error"]["message"]
        assert server.calls == []

    def test_the_providers_refusal_is_its_own(
        self, client: httpx.Client, server: EmbeddingServer
    ) -> None:
        server.status = 400
        answer = client.post("/v1/embeddings", json={"model": MODEL, "input": "a"})
        assert answer.status_code == 400
        assert "The server says 400" in answer.json()["error"]["message"]


class TestBatches:
    def test_more_than_a_provider_takes_at_once(
        self, client: httpx.Client, server: EmbeddingServer, usage: Usage
    ) -> None:
        texts = [f"text {number}" for number in range(5_000)]
        answer = client.post("/embed", json={"texts": texts}).json()
        assert answer["embeddings"] == [vector_of(text) for text in texts]
        assert [len(call) for call in server.calls] == [2_048, 2_048, 904]
        [row] = usage(1)
        assert row["input_tokens"] == answer["input_tokens"] == 10_000

    def test_long_texts(self, client: httpx.Client, server: EmbeddingServer) -> None:
        texts = [f"{number} " + "word " * 20_000 for number in range(8)]
        assert client.post("/embed", json={"texts": texts}).is_success
        assert [len(call) for call in server.calls] == [2, 2, 2, 2]

    def test_what_was_made_before_a_failure_is_not_made_again(
        self, client: httpx.Client, server: EmbeddingServer
    ) -> None:
        texts = [f"text {number}" for number in range(3_000)]
        server.fail_after = 1
        body = {"texts": texts, "model": MODEL}
        assert client.post("/embed", json=body).status_code == 502
        server.fail_after = None
        answer = client.post("/embed", json=body).json()
        assert answer["embeddings"] == [vector_of(text) for text in texts]
        assert answer["cached"] == 2_048
        assert len(server.inputs) == 3_000
