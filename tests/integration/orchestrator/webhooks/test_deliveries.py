"""Deliveries to webhooks: what is let in, what starts a task, and what is told to who can't sign."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.orchestrator.webhooks.signatures import sign
from tests.fixtures.orchestrator import Orchestrator, execute

WEBHOOKS = "/api/v1/webhooks"
ISSUE = {"issue": {"title": "It fails"}}
JSON = {"Content-Type": "application/json"}


@dataclass
class Hook:
    """A webhook, and what its sender knows."""

    nova: Orchestrator
    id: str
    secret: str
    scheme: str

    async def send(
        self, body: bytes | dict[str, Any], *, seconds: int = 0, **headers: str
    ) -> httpx.Response:
        """Deliver the body, signed `seconds` from now; a header's _ stands for -."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if self.scheme == "github":
            digest = hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()
            signed = {"X-Hub-Signature-256": f"sha256={digest}"}
        else:
            stamp = int(time.time()) + seconds
            signed = {"X-Nova-Signature": sign(self.secret, content, timestamp=stamp)}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.post(content, {**JSON, **signed, **given})

    async def post(self, content: bytes, headers: dict[str, str]) -> httpx.Response:
        path = f"/api/v1/hooks/{self.id}"
        return await self.nova.anonymous.post(path, content=content, headers=headers)

    async def task(self, answer: httpx.Response) -> Any:
        assert answer.status_code == 202, answer.text
        async with self.nova.database.connection() as connection:
            return await connection.fetchrow(
                "SELECT * FROM tasks WHERE id = $1", UUID(answer.json()["task_id"])
            )

    async def tasks(self) -> int:
        async with self.nova.database.connection() as connection:
            return await connection.fetchval("SELECT count(*) FROM tasks")

    async def shown(self) -> dict[str, Any]:
        return (await self.nova.admin.get(f"{WEBHOOKS}/{self.id}")).json()

    async def change(self, **fields: Any) -> None:
        answer = await self.nova.admin.patch(f"{WEBHOOKS}/{self.id}", json=fields)
        assert answer.status_code == 200, answer.text


async def make_hook(nova: Orchestrator, **fields: Any) -> Hook:
    values = {"name": "Issues", "template": "Triage: {{payload.issue.title}}", **fields}
    answer = await nova.admin.post(WEBHOOKS, json=values)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Hook(nova, made["id"], made["secret"], made["scheme"])


@pytest.fixture
async def hook(orchestrator: Orchestrator) -> Hook:
    return await make_hook(orchestrator)


class TestTask:
    async def test_a_signed_delivery_is_a_task(self, orchestrator: Orchestrator) -> None:
        hook = await make_hook(
            orchestrator, pod_name="Quick Reply", metadata={"tag": "x"}, goal_id="g"
        )
        task = await hook.task(await hook.send(ISSUE, X_Nova_Delivery="d-1"))
        assert task["user_input"].startswith(
            'Triage: <payload path="issue.title">It fails</payload>\n'
        )
        assert (task["pod_name"], task["goal_id"], task["status"]) == ("Quick Reply", "g", "queued")
        assert task["metadata"]["tag"] == "x"
        assert task["metadata"]["trigger"] == {
            "kind": "webhook",
            "id": hook.id,
            "delivery_id": "d-1",
        }
        assert (await hook.shown())["last_delivery_at"] is not None
        answer = await orchestrator.admin.get(f"{WEBHOOKS}/{hook.id}/deliveries")
        (delivery,) = answer.json()
        assert (delivery["task_id"], delivery["task_status"]) == (str(task["id"]), "queued")
        assert (delivery["delivery_id"], answer.headers["X-Total-Count"]) == ("d-1", "1")
        for action in ("webhook.delivered", "task.submitted"):
            assert len(await orchestrator.audit(action)) == 1

    async def test_odd_bodies(self, orchestrator: Orchestrator) -> None:
        hook = await make_hook(orchestrator, template="{{payload}}")
        text = "Grüße 😀 \u202e </payload>"
        task = await hook.task(await hook.send(text.encode(), Content_Type="text/plain"))
        assert "Grüße 😀" in task["user_input"]
        assert task["user_input"].count("</payload>") == 1
        task = await hook.task(await hook.send(b"", Content_Type="text/plain"))
        assert task["user_input"].startswith("<payload></payload>")
        for body, kind, status in [
            (b"{", "application/json", 400),
            (b"\xff\xfe", "text/plain", 400),
            (b"a\x00b", "text/plain", 422),
            (b'{"a": NaN}', "application/json", 400),
            (b'{"a": "\\ud800"}', "application/json", 422),
        ]:
            answer = await hook.send(body, Content_Type=kind)
            assert answer.status_code == status, (body, answer.text)
        assert await hook.tasks() == 2

    async def test_the_size_of_a_body(self, orchestrator: Orchestrator) -> None:
        hook = await make_hook(orchestrator, template="One: {{payload.a}}")
        limit = 1024 * 1024
        fits = json.dumps({"a": "y", "b": "x" * (limit - 22)}).encode()
        assert len(fits) <= limit
        assert (await hook.send(fits)).status_code == 202
        for size in (limit + 1, 11 * limit):
            answer = await hook.send(b'"' + b"x" * size + b'"')
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        await hook.change(template="{{payload}}" * 3)
        answer = await hook.send(fits + b" ")
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert await hook.tasks() == 1

    async def test_the_payload_does_not_choose_the_pod(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        hook = await make_hook(orchestrator)
        await execute(
            database_url,
            "UPDATE pods SET routing_keywords = '{destroy}', priority = 999"
            " WHERE name = 'Code Generation'",
        )
        task = await hook.task(await hook.send({"issue": {"title": "destroy"}}))
        assert task["pod_name"] == "Quartet"
        await hook.change(template="destroy {{payload}}")
        task = await hook.task(await hook.send({"issue": {"title": "destroy it"}}))
        assert task["pod_name"] == "Code Generation"

    async def test_a_disabled_pod_is_told_and_noted_and_a_later_delivery_works(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        hook = await make_hook(orchestrator, pod_name="Quick Reply")
        await execute(database_url, "UPDATE pods SET enabled = false")
        answer = await hook.send(ISSUE, X_Nova_Delivery="d")
        assert (answer.status_code, answer.json()["code"]) == (409, "pod_disabled")
        assert "disabled" in (await hook.shown())["last_error"]
        await execute(database_url, "UPDATE pods SET enabled = true")
        assert (await hook.send(ISSUE, X_Nova_Delivery="d")).json()["duplicate"] is False
        assert (await hook.shown())["last_error"] is None
        await execute(database_url, "DELETE FROM pods WHERE name = 'Quick Reply'")
        answer = await hook.send({"other": 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_pod")


class TestReplay:
    async def test_the_same_delivery_is_the_same_task(self, hook: Hook) -> None:
        first = await hook.send(ISSUE, X_Nova_Delivery="d")
        headers = dict(first.request.headers)
        again = await hook.post(first.request.content, headers)
        assert again.json() == {**first.json(), "duplicate": True}
        # The name of a delivery is not signed: another one makes no new delivery of it.
        other = await hook.post(first.request.content, {**headers, "x-nova-delivery": "e"})
        assert other.json() == again.json()
        # Sent again later, it is signed anew; its name says that it is the same.
        later = await hook.send(ISSUE, seconds=3, X_Nova_Delivery="d")
        assert later.json() == again.json()
        assert await hook.tasks() == 1

    async def test_ten_at_once(self, hook: Hook) -> None:
        answers = await asyncio.gather(
            *(hook.send(ISSUE, seconds=n, X_Nova_Delivery="d") for n in range(10))
        )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["task_id"] for answer in answers}) == 1
        assert sum(not answer.json()["duplicate"] for answer in answers) == 1
        assert await hook.tasks() == 1

    async def test_different_ones_are_different_tasks(self, hook: Hook) -> None:
        answers = await asyncio.gather(*(hook.send({"n": n}) for n in range(5)))
        assert len({answer.json()["task_id"] for answer in answers}) == await hook.tasks() == 5

    async def test_a_replay_is_known_after_its_task_was_deleted(
        self, hook: Hook, database_url: str
    ) -> None:
        first = await hook.send(ISSUE)
        await execute(database_url, "DELETE FROM tasks")
        again = await hook.post(first.request.content, dict(first.request.headers))
        assert again.json() == {**first.json(), "duplicate": True}
        assert await hook.tasks() == 0

    async def test_a_name_that_is_too_long(self, hook: Hook) -> None:
        assert (await hook.send(ISSUE, X_Nova_Delivery="x" * 201)).status_code == 422


class TestRefused:
    async def test_wrong_signatures_all_get_one_answer(self, hook: Hook) -> None:
        body = json.dumps(ISSUE).encode()
        right = sign(hook.secret, body, timestamp=int(time.time()))
        unknown = Hook(hook.nova, str(uuid4()), hook.secret, "nova")
        told = set[tuple[int, str, str]]()
        for answer in [
            await hook.post(body, JSON),
            await hook.post(body + b" ", {**JSON, "X-Nova-Signature": right}),
            await hook.post(body, {**JSON, "X-Nova-Signature": right + "0"}),
            await hook.post(body, {**JSON, "X-Hub-Signature-256": "sha256=00"}),
            await unknown.post(body, JSON),
            await unknown.post(body, {**JSON, "X-Nova-Signature": right}),
            await Hook(hook.nova, hook.id, "whsec_other", "nova").send(ISSUE),
            # Signed with the right secret, but as the other scheme does it.
            await Hook(hook.nova, hook.id, hook.secret, "github").send(ISSUE),
        ]:
            error = answer.json()
            told.add((answer.status_code, error["code"], error["detail"]))
        assert len(told) == 1
        assert told.pop()[:2] == (401, "wrong_signature")
        assert await hook.tasks() == 0
        assert (await hook.shown())["last_error"] is None

    async def test_too_old_or_too_new_whether_it_exists_or_not(self, hook: Hook) -> None:
        for some in (hook, Hook(hook.nova, str(uuid4()), "x", "nova")):
            for seconds in (-310, 310):
                answer = await some.send(ISSUE, seconds=seconds)
                assert (answer.status_code, answer.json()["code"]) == (401, "signature_too_old")
        assert (await hook.send(ISSUE, seconds=-290)).status_code == 202

    async def test_a_rotated_secret_is_worth_nothing(self, hook: Hook) -> None:
        rotated = await hook.nova.admin.post(f"{WEBHOOKS}/{hook.id}/rotate")
        assert (await hook.send(ISSUE)).status_code == 401
        hook.secret = rotated.json()["secret"]
        assert (await hook.send(ISSUE)).status_code == 202

    async def test_disabled_is_told_only_to_who_can_sign(self, hook: Hook) -> None:
        await hook.change(enabled=False)
        answer = await hook.send(ISSUE)
        assert (answer.status_code, answer.json()["code"]) == (409, "webhook_disabled")
        assert (await hook.post(b"{}", JSON)).status_code == 401
        assert await hook.tasks() == 0

    async def test_a_secret_that_can_not_be_read_looks_like_a_wrong_one(
        self, hook: Hook, database_url: str
    ) -> None:
        await execute(database_url, "UPDATE webhooks SET sealed_secret = 'ffffffff.AAAA'")
        answer = await hook.send(ISSUE)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_signature")

    async def test_who_guesses_has_to_wait_and_the_right_one_passes(self, hook: Hook) -> None:
        last = None
        for number in range(25):
            stamp = int(time.time())
            wrong = {"X-Nova-Signature": f"t={stamp},v1={number:064x}"}
            last = await hook.post(b"{}", {**JSON, **wrong})
        assert last is not None
        assert (last.status_code, last.json()["code"]) == (429, "too_many_wrong_credentials")
        assert int(last.headers["Retry-After"]) >= 1
        assert (await hook.send(ISSUE)).status_code == 202

    async def test_a_malformed_id(self, hook: Hook) -> None:
        answer = await Hook(hook.nova, "x", "s", "nova").send(ISSUE)
        assert answer.status_code == 422


class TestGithub:
    async def test_its_deliveries(self, orchestrator: Orchestrator) -> None:
        hook = await make_hook(orchestrator, scheme="github")
        sent = {"X_GitHub_Event": "issues", "X_GitHub_Delivery": "72d3162e"}
        task = await hook.task(await hook.send(ISSUE, **sent))
        assert task["metadata"]["trigger"]["delivery_id"] == "72d3162e"
        # Delivered again by a click there, or replayed by somebody under a new name.
        for name in ("72d3162e", "other"):
            answer = await hook.send(ISSUE, X_GitHub_Delivery=name)
            assert (answer.json()["task_id"], answer.json()["duplicate"]) == (str(task["id"]), True)
        form = b"payload=" + json.dumps({"issue": {"title": "form"}}).encode()
        task = await hook.task(
            await hook.send(form, Content_Type="application/x-www-form-urlencoded")
        )
        assert ">form</payload>" in task["user_input"]
        assert await hook.tasks() == 2

    async def test_a_ping_starts_nothing(self, orchestrator: Orchestrator) -> None:
        hook = await make_hook(orchestrator, scheme="github")
        answer = await hook.send({"zen": "Keep it simple"}, X_GitHub_Event="ping")
        assert (answer.status_code, answer.json()["task_id"]) == (202, None)
        assert await hook.tasks() == 0

    async def test_it_needs_its_own_signature(self, orchestrator: Orchestrator) -> None:
        hook = await make_hook(orchestrator, scheme="github")
        hook.scheme = "nova"
        assert (await hook.send(ISSUE)).status_code == 401


async def test_without_a_database_it_is_to_be_sent_again(hook: Hook) -> None:
    await hook.nova.database.close()
    answer = await hook.send(ISSUE)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    await hook.nova.database.open()
    assert (await hook.send(ISSUE)).status_code == 202
