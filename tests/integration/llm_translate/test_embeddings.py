"""Embeddings of providers with a format of their own for them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts.translate import EMBEDDINGS_PATH, PREFIX_HEADER
from tests.fixtures.providers import gemini, ollama
from tests.fixtures.providers.server import Handler, ProviderServer
from tests.integration.llm_translate.conftest import headers_of

_MODELS = {"gemini": "gemini-embedding-001", "ollama": "nomic-embed-text"}
_HANDLERS: dict[str, Handler] = {"gemini": gemini.handle, "ollama": ollama.handle}


@pytest.fixture(params=_MODELS)
def provider(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def server(provider: str) -> Iterator[ProviderServer]:
    with ProviderServer(_HANDLERS[provider]) as found:
        yield found


class TestEmbeddings:
    def test_one_vector_for_each_of_many_texts(
        self, translate_client: httpx.Client, server: ProviderServer, provider: str
    ) -> None:
        # The servers' vectors tell how long the text was.
        texts = ["x" * length for length in range(1, 131)]
        found = _embed(translate_client, server, provider, texts).json()
        assert found["model"] == f"{provider}/{_MODELS[provider]}"
        assert [row["index"] for row in found["data"]] == list(range(130))
        assert [row["embedding"][1] for row in found["data"]] == list(range(1, 131))
        # Gemini takes a hundred at a time, and counts nothing.
        assert len(server.requests) == (2 if provider == "gemini" else 1)
        assert ("usage" in found) is (provider == "ollama")

    def test_what_the_provider_gets(
        self, translate_client: httpx.Client, server: ProviderServer, provider: str
    ) -> None:
        answer = _embed(translate_client, server, provider, "hi", dimensions=3, made_up=1)
        assert answer.status_code == 200, answer.text
        model = _MODELS[provider]
        content = {"parts": [{"text": "hi"}]}
        asked = {"model": f"models/{model}", "content": content, "outputDimensionality": 3}
        expected: dict[str, dict[str, Any]] = {
            "gemini": {"requests": [asked]},
            "ollama": {"model": model, "input": ["hi"], "dimensions": 3},
        }
        (sent,) = server.requests
        assert sent.json == expected[provider]

    @pytest.mark.parametrize("given", [[[1, 2]], [1, 2], [], None, {"a": 1}])
    def test_what_is_no_text(
        self, translate_client: httpx.Client, server: ProviderServer, provider: str, given: Any
    ) -> None:
        answer = _embed(translate_client, server, provider, given)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "not_translatable"
        assert not server.requests


def test_a_model_that_is_a_path(translate_client: httpx.Client) -> None:
    with ProviderServer(gemini.handle) as server:
        answer = _embed(translate_client, server, "gemini", "hi", model="../files/x")
        assert (answer.status_code, server.requests) == (400, [])


def _embed(
    client: httpx.Client, server: ProviderServer, provider: str, given: Any, **further: Any
) -> httpx.Response:
    headers = {**headers_of(provider, server.url, "k"), PREFIX_HEADER: f"{provider}/"}
    body = {"model": _MODELS[provider], "input": given, **further}
    return client.post(EMBEDDINGS_PATH, json=body, headers=headers)
