"""The local embedding model as scripts/test has made it, and a gateway before a server of vectors."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.llm_gateway.embeddings.local import files
from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.embeddings.embedding_server import EmbeddingServer


@pytest.fixture(scope="session")
def model_folder() -> Path:
    folder = files.default_folder()
    problem = files.problem(folder)
    if problem is not None:
        pytest.skip(f"the local embedding model is missing: {problem}")
    return folder


@pytest.fixture
def own_model_folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small files; the weights are the same ones."""
    own = tmp_path / "model"
    own.mkdir()
    for name in (files.GRAPH, files.TOKENIZER, files.MANIFEST):
        shutil.copyfile(model_folder / name, own / name)
    (own / files.WEIGHTS).hardlink_to(model_folder / files.WEIGHTS)
    return own


@pytest.fixture
def server() -> EmbeddingServer:
    return EmbeddingServer()


@pytest.fixture
def provider(server: EmbeddingServer) -> Iterator[ProviderServer]:
    with ProviderServer(server.handle) as running:
        yield running


@pytest.fixture
def gateway(start_gateway: StartGateway, provider: ProviderServer) -> GatewayProcess:
    """A gateway before the embedding server, without the local model."""
    return start_gateway(
        OPENAI_API_BASE=provider.url, OPENAI_API_KEY="sk-test", NOVA_LOCAL_EMBEDDINGS="false"
    )


@pytest.fixture
def client(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, headers=gateway.service(), timeout=60) as found:
        yield found
