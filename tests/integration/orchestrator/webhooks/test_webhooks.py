"""Webhooks over HTTP: who may do what with them, and that the secret shows once only."""

from typing import Any
from uuid import uuid4

from tests.fixtures.orchestrator import Orchestrator, execute, running, settings_for

WEBHOOKS = "/api/v1/webhooks"
TRIAGE = {"name": "Issues", "template": "Triage this: {{payload.issue.title}}"}


async def create(nova: Orchestrator, **fields: Any) -> dict[str, Any]:
    answer = await nova.admin.post(WEBHOOKS, json={**TRIAGE, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


class TestCreate:
    async def test_the_secret_is_shown_once(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        answer = await orchestrator.admin.post(WEBHOOKS, json={**TRIAGE, "scheme": "github"})
        assert answer.headers["Cache-Control"] == "no-store"
        made = answer.json()
        secret = made.pop("secret")
        assert secret.startswith("whsec_")
        assert len(secret) > 40
        shown = (await orchestrator.admin.get(f"{WEBHOOKS}/{made['id']}")).json()
        assert shown == made
        assert shown["path"] == f"/api/v1/hooks/{made['id']}"
        assert (shown["scheme"], shown["last_delivery_at"]) == ("github", None)
        async with orchestrator.database.connection() as connection:
            for table in ("webhooks", "audit_log"):
                rows = await connection.fetch(f"SELECT t::text FROM {table} AS t")
                assert not any(secret in row[0] for row in rows)
        (entry,) = await orchestrator.audit("webhook.created")
        assert entry["subject_id"] == made["id"]

    async def test_what_is_refused(self, orchestrator: Orchestrator) -> None:
        refused: list[tuple[dict[str, Any], str]] = [
            ({"name": " "}, "blank"),
            ({"template": "\n"}, "blank"),
            ({"template": "{{secrets.x}}"}, "{{secrets.x}} is not {{payload}}"),
            ({"scheme": "md5"}, "scheme"),
            ({"pod_name": "Nobody"}, "no pod named"),
            ({"secret": "mine"}, "secret"),
        ]
        for fields, said in refused:
            answer = await orchestrator.admin.post(WEBHOOKS, json={**TRIAGE, **fields})
            assert answer.status_code == 422, answer.text
            assert said in answer.json()["detail"]


class TestChange:
    async def test_update_and_delete(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        del made["secret"]
        path = f"{WEBHOOKS}/{made['id']}"
        patch = {"name": "Other", "enabled": False, "metadata": {"workspace": "w"}}
        answer = await orchestrator.admin.patch(path, json=patch)
        assert answer.json() == {**made, **patch}
        wrong = await orchestrator.admin.patch(path, json={"template": "{{x}}"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_template")
        assert (await orchestrator.admin.delete(path)).status_code == 204
        assert (await orchestrator.admin.get(path)).status_code == 404
        for action in ("webhook.updated", "webhook.deleted"):
            assert len(await orchestrator.audit(action)) == 1

    async def test_rotating_gives_another_secret(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        answer = await orchestrator.admin.post(f"{WEBHOOKS}/{made['id']}/rotate")
        assert answer.status_code == 200
        assert answer.json()["secret"] != made["secret"]
        assert answer.headers["Cache-Control"] == "no-store"

    async def test_a_secret_of_another_key_is_shown_as_the_error(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        made = await create(orchestrator)
        await execute(database_url, "UPDATE webhooks SET last_error = 'earlier'")
        async with running(settings_for(database_url, nova_secret_key="cd" * 32)) as other:
            (shown,) = (await other.admin.get(WEBHOOKS)).json()
            assert "rotate it" in shown["last_error"]
            rotated = await other.admin.post(f"{WEBHOOKS}/{made['id']}/rotate")
            assert rotated.json()["last_error"] == "earlier"


class TestList:
    async def test_newest_first_and_counted(self, orchestrator: Orchestrator) -> None:
        for number in range(3):
            await create(orchestrator, name=f"Hook {number}")
        answer = await orchestrator.admin.get(WEBHOOKS, params={"limit": 2})
        assert [item["name"] for item in answer.json()] == ["Hook 2", "Hook 1"]
        assert answer.headers["X-Total-Count"] == "3"
        assert "secret" not in answer.json()[0]


class TestAccess:
    async def test_only_admin(self, orchestrator: Orchestrator) -> None:
        path = f"{WEBHOOKS}/{uuid4()}"
        headers = {"X-API-Key": (await orchestrator.make_key())["raw_key"]}
        async with orchestrator.client(headers=headers) as key:
            for method, target in [
                ("GET", WEBHOOKS),
                ("POST", WEBHOOKS),
                ("GET", path),
                ("PATCH", path),
                ("DELETE", path),
                ("POST", f"{path}/rotate"),
                ("GET", f"{path}/deliveries"),
            ]:
                answer = await key.request(method, target, json=TRIAGE)
                assert answer.status_code == 403, (method, target)
                answer = await orchestrator.anonymous.request(method, target, json=TRIAGE)
                assert answer.status_code == 401, (method, target)

    async def test_unknown_ids(self, orchestrator: Orchestrator) -> None:
        path = f"{WEBHOOKS}/{uuid4()}"
        for method, target in [
            ("GET", path),
            ("PATCH", path),
            ("DELETE", path),
            ("POST", f"{path}/rotate"),
            ("GET", f"{path}/deliveries"),
        ]:
            answer = await orchestrator.admin.request(method, target, json={"name": "x"})
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_webhook")
