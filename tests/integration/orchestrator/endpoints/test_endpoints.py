"""Routes of external agents' endpoints: their tokens come back to nobody."""

from typing import Any
from uuid import uuid4

import pytest

from services.kit.encryption import decrypt
from tests.fixtures.orchestrator import Orchestrator
from tests.fixtures.ports import free_port
from tests.fixtures.providers.server import ProviderServer, Reply, Request

URL = "/api/v1/agent-endpoints"
GIVEN = {"name": "Weather", "url": "http://192.168.1.7:9000/", "auth_token": "s3cret"}


async def create(orchestrator: Orchestrator, **fields: Any) -> dict[str, Any]:
    answer = await orchestrator.admin.post(URL, json={**GIVEN, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def stored_token(orchestrator: Orchestrator) -> str | None:
    async with orchestrator.database.connection() as connection:
        row = await connection.fetchrow("SELECT id, auth_token FROM agent_endpoints")
    if row["auth_token"] is None:
        return None
    assert "s3cret" not in row["auth_token"]
    key = orchestrator.settings.nova_secret_key.get_secret_value()
    return decrypt(key, row["auth_token"], purpose=f"agent_endpoints.auth_token {row['id']}")


class TestCreate:
    async def test_the_token_is_kept_encrypted_and_not_shown(
        self, orchestrator: Orchestrator
    ) -> None:
        made = await create(orchestrator)
        assert made["protocol"] == "a2a"
        assert made["has_auth_token"] is True
        listed = await orchestrator.admin.get(URL)
        assert listed.headers["X-Total-Count"] == "1"
        one = await orchestrator.admin.get(f"{URL}/{made['id']}")
        audit = await orchestrator.audit("endpoint.created")
        assert [one.json()] == listed.json()
        assert "s3cret" not in f"{made} {listed.text} {audit}"
        assert await stored_token(orchestrator) == "s3cret"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("url", "ftp://x/"),
            ("url", "no address"),
            ("url", "http://"),
            ("url", "http://user:pass@host/"),
            ("url", "http://169.254.169.254/latest"),
            ("url", "http://[::1"),
            ("url", "http://host:99999/"),
            ("name", "  "),
            ("auth_token", "with\nline"),
            ("auth_token", "ümlaut"),
            ("protocol", "smoke"),
            ("input_schema", {"type": 7}),
            ("output_schema", {"type": "what"}),
        ],
    )
    async def test_what_can_not_work_is_refused(
        self, orchestrator: Orchestrator, field: str, value: object
    ) -> None:
        answer = await orchestrator.admin.post(URL, json={**GIVEN, field: value})
        assert answer.status_code == 422, answer.text

    async def test_a_name_is_taken_once(self, orchestrator: Orchestrator) -> None:
        await create(orchestrator)
        answer = await orchestrator.admin.post(URL, json={**GIVEN, "name": " weather "})
        assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")

    async def test_only_the_administrator_may(self, orchestrator: Orchestrator) -> None:
        key = (await orchestrator.make_key())["raw_key"]
        for headers, status in (({}, 401), ({"X-API-Key": key}, 403)):
            answer = await orchestrator.anonymous.get(URL, headers=headers)
            assert answer.status_code == status


class TestUpdate:
    async def test_what_is_left_out_stays(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        answer = await orchestrator.admin.patch(
            f"{URL}/{made['id']}", json={"enabled": False, "description": "Tells the weather"}
        )
        assert answer.status_code == 200, answer.text
        changed = {"enabled": False, "description": "Tells the weather"}
        assert answer.json() == {**made, **changed, "updated_at": answer.json()["updated_at"]}
        assert await stored_token(orchestrator) == "s3cret"

    async def test_a_token_is_replaced_and_taken_away(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        for token in ("another", None):
            answer = await orchestrator.admin.patch(
                f"{URL}/{made['id']}", json={"auth_token": token}
            )
            assert answer.json()["has_auth_token"] is (token is not None)
            assert await stored_token(orchestrator) == token

    async def test_a_token_is_not_carried_to_another_server(
        self, orchestrator: Orchestrator
    ) -> None:
        made = await create(orchestrator)
        path = f"{URL}/{made['id']}"
        other = {"url": "http://evil.example/"}
        assert (await orchestrator.admin.patch(path, json=other)).status_code == 422
        same = {"url": "http://192.168.1.7:9000/agents/weather"}
        assert (await orchestrator.admin.patch(path, json=same)).status_code == 200
        again = {**other, "auth_token": "new"}
        assert (await orchestrator.admin.patch(path, json=again)).status_code == 200

    async def test_one_that_is_not_there(self, orchestrator: Orchestrator) -> None:
        path = f"{URL}/{uuid4()}"
        assert (await orchestrator.admin.get(path)).status_code == 404
        assert (await orchestrator.admin.patch(path, json={})).status_code == 404
        assert (await orchestrator.admin.delete(path)).status_code == 404
        assert (await orchestrator.admin.post(f"{path}/test")).status_code == 404

    async def test_delete(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        assert (await orchestrator.admin.delete(f"{URL}/{made['id']}")).status_code == 204
        assert (await orchestrator.admin.get(URL)).json() == []


class TestTest:
    async def ask(self, orchestrator: Orchestrator, **fields: Any) -> dict[str, Any]:
        made = await create(orchestrator, **fields)
        answer = await orchestrator.admin.post(f"{URL}/{made['id']}/test")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def test_an_agent_that_answers(self, orchestrator: Orchestrator) -> None:
        async def agent(request: Request) -> Reply:
            assert request.headers["authorization"] == "Bearer s3cret"
            interface = {"url": "/rpc", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}
            if request.method == "GET":
                return Reply({"name": "W", "supportedInterfaces": [interface]})
            error = {"code": -32001, "message": "no such task"}
            return Reply({"jsonrpc": "2.0", "id": 1, "error": error})

        with ProviderServer(agent) as server:
            told = await self.ask(orchestrator, url=server.url)
        assert (told["ok"], told["detail"]) == (True, "W, A2A 1.0: no description")

    async def test_an_agent_that_refuses_the_token(self, orchestrator: Orchestrator) -> None:
        async def agent(_request: Request) -> Reply:
            return Reply({}, status=401)

        with ProviderServer(agent) as server:
            for protocol in ("a2a", "acp", "generic"):
                told = await self.ask(
                    orchestrator, url=server.url, protocol=protocol, name=protocol
                )
                assert told["ok"] is False
                assert "refuses the credential" in told["detail"]

    async def test_nobody_there(self, orchestrator: Orchestrator) -> None:
        told = await self.ask(orchestrator, url=f"http://127.0.0.1:{free_port()}")
        assert (told["ok"], "can't be reached" in told["detail"]) == (False, True)

    async def test_a_token_of_another_secret_key(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        async with orchestrator.database.transaction() as connection:
            await connection.execute("UPDATE agent_endpoints SET auth_token = '12345678.AAAA'")
        told = (await orchestrator.admin.post(f"{URL}/{made['id']}/test")).json()
        assert (told["ok"], "Set it again" in told["detail"]) == (False, True)
