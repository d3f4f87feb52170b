"""chat-api in front of an orchestrator-shaped server, both as real processes."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.chat_api import KEY, Client, Served, chat_api_settings, connected, serving


class Orchestrator:
    """What a test makes the server behind chat-api do."""

    def __init__(self, url: str) -> None:
        self.url = url

    def emit(self, session_id: str, *events: dict[str, Any], **options: int) -> int:
        body = {"session_id": session_id, "events": events, **options}
        answer = httpx.post(f"{self.url}/control/emit", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()["last"]

    def finish(self, session_id: str) -> int:
        usage = {"type": "usage", "input_tokens": 3, "output_tokens": 2, "cost_usd": 0.5}
        return self.emit(session_id, usage, {"type": "status", "status": "complete"})

    def set(self, **values: Any) -> None:
        httpx.post(f"{self.url}/control/set", json=values).raise_for_status()

    def state(self) -> dict[str, Any]:
        return httpx.get(f"{self.url}/control/state").json()


@pytest.fixture(scope="session")
def orchestrator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("orchestrator-shaped")
    with serving("tests.fixtures.orchestrator_shaped:app", folder) as served:
        yield served


@pytest.fixture(scope="session")
def orchestrator(orchestrator_process: Served) -> Orchestrator:
    return Orchestrator(orchestrator_process.url)


@pytest.fixture(scope="session")
def chat_api(
    orchestrator: Orchestrator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("chat-api")
    settings = chat_api_settings(orchestrator.url)
    with serving("services.chat_api.main:app", folder, **settings) as served:
        yield served


@pytest.fixture
async def client(chat_api: Served) -> AsyncIterator[Client]:
    """A connection that is authenticated."""
    async with connected(chat_api.url, query=f"?token={KEY}") as client:
        yield client


@pytest.fixture
async def session_id(client: Client) -> str:
    """The session that the connection was told of."""
    message = await client.receive()
    assert message["type"] == "system"
    return message["session_id"]
