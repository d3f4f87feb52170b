"""A service that keeps the contract can stand in for ours: here the smallest memory-service."""

from pathlib import Path

import httpx
import pytest

from tests.fixtures.memory_service import running_app
from tests.fixtures.nova import ADMIN_SECRET, StartNova, clean_environment

pytestmark = pytest.mark.e2e

_SERVICE_SECRET = "service-secret-of-both-sides"


def chat(url: str, message: str) -> str:
    """The answer's text to a chat message."""
    answer = httpx.post(
        f"{url}/api/v1/chat/stream",
        json={"messages": [{"role": "user", "content": message}]},
        headers={"X-Admin-Secret": ADMIN_SECRET},
        timeout=60,
    )
    assert answer.is_success, answer.text
    assert answer.text.endswith("data: [DONE]\n\n")
    return answer.text


def test_the_minimal_memory_service_serves_the_rest_of_nova(
    start_nova: StartNova, tmp_path: Path
) -> None:
    environment = {
        **clean_environment(tmp_path / "minimal"),
        "NOVA_SERVICE_SECRET": _SERVICE_SECRET,
    }
    target = "tests.fixtures.minimal_memory:app"
    with running_app(target, environment=environment, log=tmp_path / "minimal.log") as minimal:
        nova = start_nova(NOVA_SERVICE_SECRET=_SERVICE_SECRET, NOVA_MEMORY_SERVICE_URL=minimal)
        orchestrator = nova.url("orchestrator")
        chat(orchestrator, "remember that the server is called atlas")
        # In another session, so that only the memory can know it.
        assert "atlas" in chat(orchestrator, "what do you remember about the server?")
        stored = httpx.get(
            f"{minimal}/api/v1/memories/browse", headers={"X-Admin-Secret": ADMIN_SECRET}
        ).json()
    assert [item["content"] for item in stored["items"]] == ["the server is called atlas"]
