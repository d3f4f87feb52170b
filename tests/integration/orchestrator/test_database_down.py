"""What the administrative routes say while the database can't be reached."""

import pytest

from tests.fixtures.orchestrator import ADMIN_SECRET, Orchestrator


@pytest.fixture
async def without_database(orchestrator: Orchestrator) -> Orchestrator:
    login = {"admin_secret": ADMIN_SECRET}
    assert (await orchestrator.anonymous.post("/api/v1/session", json=login)).status_code == 200
    await orchestrator.database.close()
    return orchestrator


@pytest.mark.parametrize("name", ["agents", "audit", "config", "keys", "pods", "usage"])
async def test_lists_say_when_to_try_again(without_database: Orchestrator, name: str) -> None:
    answer = await without_database.admin.get(f"/api/v1/{name}")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_down")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_a_key_is_neither_right_nor_wrong(without_database: Orchestrator) -> None:
    headers = {"X-API-Key": "sk-nova-" + "x" * 43}
    answer = await without_database.client(headers=headers).get("/api/v1/keys/validate")
    assert answer.status_code == 503


async def test_identity_and_session_need_no_database(without_database: Orchestrator) -> None:
    browser = without_database.anonymous
    assert (await browser.get("/api/v1/identity")).json()["name"] == "Nova"
    info = (await browser.get("/api/v1/session")).json()
    headers = {"X-CSRF-Token": info["csrf_token"]}
    assert (await browser.delete("/api/v1/session", headers=headers)).status_code == 204
