"""Requests without a model: the chain, and why it does not jump."""

import asyncio
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import Rows
from tests.integration.llm_gateway.embeddings.embedding_server import (
    DIMENSIONS,
    MODEL,
    EmbeddingServer,
)

LOCAL, OFFLINE = "local/all-minilm-l6-v2", "offline/hash-384"


def embed(gateway: GatewayProcess, text: str = "a", **fields: Any) -> httpx.Response:
    return httpx.post(
        f"{gateway.url}/embed", json={"text": text, **fields}, headers=gateway.service(), timeout=60
    )


def model_of(answer: httpx.Response) -> str:
    assert answer.is_success, answer.text
    return answer.json()["model"]


def down(gateway: GatewayProcess) -> None:
    """Let the gateway notice now what has become of OpenAI."""
    url = f"{gateway.url}/health/providers/openai/test"
    assert httpx.post(url, headers=gateway.service()).json()["available"] is False


@contextmanager
def openai(server: EmbeddingServer, port: int = 0) -> Iterator[tuple[str, dict[str, str]]]:
    with ProviderServer(server.handle, port=port) as running:
        yield running.url, {"OPENAI_API_BASE": running.url, "OPENAI_API_KEY": "sk-test"}


class TestOrder:
    @pytest.mark.usefixtures("model_folder")
    def test_openai_then_local_then_offline(
        self, start_gateway: StartGateway, server: EmbeddingServer, rows: Rows
    ) -> None:
        with openai(server) as (_, settings):
            assert model_of(embed(start_gateway(**settings))) == MODEL
        rows("DELETE FROM embedding_choice")
        assert model_of(embed(start_gateway())) == LOCAL
        rows("DELETE FROM embedding_choice")
        assert model_of(embed(start_gateway(NOVA_LOCAL_EMBEDDINGS="false"))) == OFFLINE

    @pytest.mark.usefixtures("model_folder")
    def test_a_server_without_embeddings_is_passed_over(
        self, start_gateway: StartGateway, server: EmbeddingServer
    ) -> None:
        server.models = ["gpt-4o-mini"]
        with openai(server) as (_, settings):
            assert model_of(embed(start_gateway(**settings))) == LOCAL

    @pytest.mark.usefixtures("model_folder")
    def test_dimensions_that_the_local_model_does_not_have(
        self, start_gateway: StartGateway, rows: Rows
    ) -> None:
        gateway = start_gateway()
        longer = embed(gateway, dimensions=512).json()
        assert (longer["model"], longer["dimensions"]) == (OFFLINE, 512)
        shorter = embed(gateway, dimensions=128).json()
        assert (shorter["model"], shorter["dimensions"]) == (LOCAL, 128)
        assert sum(x * x for x in shorter["embeddings"][0]) == pytest.approx(1, abs=1e-5)
        assert rows("SELECT model FROM embedding_choice") == []
        assert embed(gateway, model=LOCAL, dimensions=512).status_code == 502


class TestChoice:
    @pytest.mark.usefixtures("model_folder")
    def test_stays_when_a_better_one_is_set_up(
        self, start_gateway: StartGateway, server: EmbeddingServer, rows: Rows
    ) -> None:
        assert model_of(embed(start_gateway())) == LOCAL
        with openai(server) as (_, settings):
            assert model_of(embed(start_gateway(**settings))) == LOCAL
        [row] = rows("SELECT model, dimensions FROM embedding_choice")
        assert row == {"model": LOCAL, "dimensions": 384}
        assert server.calls == []

    @pytest.mark.usefixtures("model_folder")
    def test_while_it_is_down_others_answer_under_their_own_name(
        self, start_gateway: StartGateway, server: EmbeddingServer
    ) -> None:
        with openai(server) as (url, settings):
            gateway = start_gateway(**settings)
            assert model_of(embed(gateway)) == MODEL
            server.status = 503
            assert model_of(embed(gateway, "not known yet")) == LOCAL
        down(gateway)
        assert model_of(embed(gateway)) == LOCAL
        strict = embed(gateway, fallback=False)
        assert strict.status_code == 503
        assert strict.headers["Retry-After"]
        assert MODEL in strict.json()["detail"]
        named = embed(gateway, "something new", model=MODEL)
        assert named.status_code in {502, 503}
        server.status = 200
        with openai(server, port=int(url.rpartition(":")[2])):
            wait_until(lambda: embed(gateway).json()["model"] == MODEL, what="its return")

    def test_strict_requests_are_never_answered_by_another(
        self, start_gateway: StartGateway, server: EmbeddingServer
    ) -> None:
        """Also when it fails at the very call, not before it."""
        with openai(server) as (_, settings):
            gateway = start_gateway(**settings)
            assert model_of(embed(gateway)) == MODEL
            server.status = 503
            strict = embed(gateway, "not known yet", fallback=False)
            assert strict.status_code == 502
            assert "503" in strict.json()["detail"]

    @pytest.mark.usefixtures("model_folder")
    def test_is_left_when_its_provider_is_no_longer_set_up(
        self, start_gateway: StartGateway, server: EmbeddingServer, rows: Rows
    ) -> None:
        with openai(server) as (_, settings):
            assert model_of(embed(start_gateway(**settings))) == MODEL
        gateway = start_gateway()
        assert model_of(embed(gateway, fallback=False)) == LOCAL
        assert [row["model"] for row in rows("SELECT model FROM embedding_choice")] == [LOCAL]

    def test_is_left_when_the_model_is_gone(
        self, start_gateway: StartGateway, server: EmbeddingServer
    ) -> None:
        server.models = ["first-embedding", "other-embedding"]
        with openai(server) as (_, settings):
            assert model_of(embed(start_gateway(**settings))) == "first-embedding"
            server.models = ["other-embedding", "third-embedding"]
            assert model_of(embed(start_gateway(**settings))) == "other-embedding"
            server.models.insert(0, "first-embedding")
            assert model_of(embed(start_gateway(**settings))) == "other-embedding"

    @pytest.mark.usefixtures("model_folder")
    def test_offline_gives_way_to_a_real_model(
        self, start_gateway: StartGateway, rows: Rows
    ) -> None:
        assert model_of(embed(start_gateway(NOVA_LOCAL_EMBEDDINGS="false"))) == OFFLINE
        [row] = rows("SELECT model FROM embedding_choice")
        assert row["model"] == OFFLINE
        assert model_of(embed(start_gateway(), fallback=False)) == LOCAL

    def test_many_choose_at_once(
        self, start_gateway: StartGateway, server: EmbeddingServer, rows: Rows
    ) -> None:
        with openai(server) as (_, settings):
            gateways = [start_gateway(**settings), start_gateway(NOVA_LOCAL_EMBEDDINGS="false")]

            async def ask() -> None:
                async with httpx.AsyncClient(headers=gateways[0].service(), timeout=60) as client:
                    await asyncio.gather(
                        *(
                            client.post(f"{gateway.url}/embed", json={"text": f"{n}"})
                            for n in range(20)
                            for gateway in gateways
                        )
                    )

            asyncio.run(ask())
        assert len(rows("SELECT model FROM embedding_choice")) == 1


class TestNamed:
    def test_one_that_nobody_has_is_an_error(self, gateway: GatewayProcess) -> None:
        for model in ("groq/embedder", "local/other", "offline/other"):
            answer = embed(gateway, model=model)
            assert answer.status_code in {404, 502}, (model, answer.text)

    def test_the_configuration_names_one(
        self, gateway: GatewayProcess, server: EmbeddingServer, rows: Rows
    ) -> None:
        server.models = [MODEL, "text-embedding-3-large"]
        assert model_of(embed(gateway)) == MODEL
        rows(
            "UPDATE platform_config SET value = '\"text-embedding-3-large\"'"
            " WHERE key = 'llm.embedding_model'"
        )
        wait_until(
            lambda: embed(gateway).json()["model"] == "text-embedding-3-large", what="the change"
        )
        server.status = 503
        assert embed(gateway, "new").status_code == 502
        server.status = 200
        rows(
            "UPDATE platform_config SET value = '\"auto\"' WHERE key = 'llm.embedding_model'",
        )
        assert rows("SELECT model, dimensions FROM embedding_choice") == [
            {"model": "text-embedding-3-large", "dimensions": DIMENSIONS}
        ]


class TestMissingModel:
    """Everything works without the local model, and says so."""

    def test_not_installed(self, start_gateway: StartGateway, tmp_path: Path) -> None:
        gateway = start_gateway(NOVA_LOCAL_MODEL_DIR=str(tmp_path / "nowhere"))
        answer = embed(gateway).json()
        assert (answer["model"], answer["semantic"]) == (OFFLINE, False)
        ready = httpx.get(f"{gateway.url}/health/ready").json()
        assert ready["status"] == "degraded"
        assert "scripts/up installs them" in ready["checks"]["local_embeddings"]
        found = httpx.get(f"{gateway.url}/v1/models/discover", headers=gateway.service()).json()
        [local] = [provider for provider in found if provider["slug"] == "local"]
        assert local["available"] is False
        assert "scripts/up installs them" in local["reason"]

    def test_switched_off(self, start_gateway: StartGateway) -> None:
        gateway = start_gateway(NOVA_LOCAL_EMBEDDINGS="false")
        assert httpx.get(f"{gateway.url}/health/ready").json()["status"] == "ready"

    @pytest.mark.usefixtures("model_folder")
    def test_installed(self, start_gateway: StartGateway) -> None:
        gateway = start_gateway()
        models = httpx.get(f"{gateway.url}/models", headers=gateway.service()).json()
        [local] = [model for model in models if model["id"] == LOCAL]
        assert local["capabilities"] == ["embedding"]
        assert local["cost_per_input_token"] == 0
        answer = embed(gateway, "The cat sleeps.").json()
        assert answer["input_tokens"] == 6
        assert len(array("f", answer["embeddings"][0])) == 384
