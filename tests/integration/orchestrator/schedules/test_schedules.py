"""Schedules over HTTP: who may do what with them, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.fixtures.orchestrator import Orchestrator, execute

SCHEDULES = "/api/v1/schedules"
DAILY = {"name": "Report", "cron": "0 6 * * *", "user_input": "Write the report"}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"cron": None}, "either cron or at"),
    ({"at": "2099-01-01T00:00Z"}, "either cron or at"),
    ({"cron": "nonsense"}, "five fields"),
    ({"cron": "* * * * * *"}, "five fields"),
    ({"cron": "61 * * * *"}, "Bad minute"),
    ({"cron": "0 0 30 2 *"}, "Bad day-of-month"),
    ({"cron": "* * */20 * 1L"}, "never fires"),
    ({"cron": None, "at": "2001-01-01T00:00Z"}, "past"),
    ({"cron": None, "at": "tomorrow"}, "at"),
    ({"cron": None, "at": "9999-12-31T23:59:59-12:00"}, "calendar"),
    ({"timezone": "Mars/Olympus"}, "time zone"),
    ({"name": " "}, "blank"),
    ({"user_input": "\n"}, "blank"),
    ({"user_input": "a\x00b"}, "NUL"),
    ({"pod_name": "Nobody"}, "no pod named"),
    ({"misfire": "never"}, "misfire"),
    ({"overlap": "kill"}, "overlap"),
    ({"crom": "* * * * *"}, "crom"),
]


async def create(nova: Orchestrator, **fields: Any) -> dict[str, Any]:
    answer = await nova.admin.post(SCHEDULES, json={**DAILY, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def seconds_from_now(text: str) -> float:
    return (datetime.fromisoformat(text) - datetime.now(UTC)).total_seconds()


class TestCreate:
    async def test_a_cron_schedule(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator, timezone="Europe/Berlin", pod_name="Quick Reply")
        assert made == (await orchestrator.admin.get(f"{SCHEDULES}/{made['id']}")).json()
        assert (made["misfire"], made["overlap"], made["enabled"]) == ("once", "start", True)
        assert (made["last_run_at"], made["last_error"], made["at"]) == (None, None, None)
        local = datetime.fromisoformat(made["next_run_at"])
        assert 0 < (local - datetime.now(UTC)).total_seconds() <= 25 * 3600
        assert local.hour in {4, 5}
        (entry,) = await orchestrator.audit("schedule.created")
        assert entry["subject_id"] == made["id"]

    async def test_one_at_a_time_in_its_zone(self, orchestrator: Orchestrator) -> None:
        made = await create(
            orchestrator, cron=None, at="2099-07-01T08:00", timezone="Europe/Berlin"
        )
        assert made["at"] == made["next_run_at"] == "2099-07-01T06:00:00Z"

    async def test_now_has_just_passed_and_is_taken(self, orchestrator: Orchestrator) -> None:
        at = (datetime.now(UTC) - timedelta(seconds=2)).isoformat()
        made = await create(orchestrator, cron=None, at=at)
        assert datetime.fromisoformat(made["next_run_at"]) == datetime.fromisoformat(at)

    async def test_a_disabled_one_has_no_next_run(self, orchestrator: Orchestrator) -> None:
        assert (await create(orchestrator, enabled=False))["next_run_at"] is None

    async def test_what_is_refused(self, orchestrator: Orchestrator) -> None:
        for fields, said in REFUSED:
            answer = await orchestrator.admin.post(SCHEDULES, json={**DAILY, **fields})
            assert answer.status_code == 422, answer.text
            assert said in answer.json()["detail"]

    async def test_any_writing_survives(self, orchestrator: Orchestrator) -> None:
        text = "Grüße 😀 \u202e {{payload}} <system>"
        made = await create(orchestrator, name=text, user_input=text, metadata={text: [text]})
        assert (made["name"], made["user_input"], made["metadata"]) == (text, text, {text: [text]})


class TestList:
    async def test_newest_first_and_counted(self, orchestrator: Orchestrator) -> None:
        for number in range(3):
            await create(orchestrator, name=f"Report {number}")
        answer = await orchestrator.admin.get(SCHEDULES, params={"limit": 2})
        assert [item["name"] for item in answer.json()] == ["Report 2", "Report 1"]
        assert answer.headers["X-Total-Count"] == "3"
        rest = await orchestrator.admin.get(SCHEDULES, params={"limit": 2, "offset": 2})
        assert [item["name"] for item in rest.json()] == ["Report 0"]


class TestUpdate:
    async def test_other_fields_leave_the_next_run(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        patch = {"name": "Other", "misfire": "all", "overlap": "skip", "goal_id": "g"}
        answer = await orchestrator.admin.patch(f"{SCHEDULES}/{made['id']}", json=patch)
        assert answer.json() == {**made, **patch}

    async def test_from_cron_to_a_time_and_back(self, orchestrator: Orchestrator) -> None:
        path = f"{SCHEDULES}/{(await create(orchestrator))['id']}"
        patch = {"cron": None, "at": "2099-01-01T00:00Z"}
        changed = (await orchestrator.admin.patch(path, json=patch)).json()
        assert (changed["cron"], changed["next_run_at"]) == (None, "2099-01-01T00:00:00Z")
        changed = (
            await orchestrator.admin.patch(path, json={"cron": "@hourly", "at": None})
        ).json()
        assert 0 < seconds_from_now(changed["next_run_at"]) <= 3600

    async def test_enabling_again_catches_nothing_up(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        made = await create(orchestrator)
        path = f"{SCHEDULES}/{made['id']}"
        off = (await orchestrator.admin.patch(path, json={"enabled": False})).json()
        assert off["next_run_at"] is None
        on = (await orchestrator.admin.patch(path, json={"enabled": True})).json()
        assert seconds_from_now(on["next_run_at"]) > 0

    async def test_a_time_that_passed_while_it_was_off_is_over(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        made = await create(orchestrator, cron=None, at="2099-01-01T00:00Z", enabled=False)
        await execute(database_url, "UPDATE schedules SET at = now() - interval '1 hour'")
        path = f"{SCHEDULES}/{made['id']}"
        answer = await orchestrator.admin.patch(path, json={"enabled": True})
        assert (answer.status_code, answer.json()["next_run_at"]) == (200, None)

    async def test_the_whole_has_to_fit(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        path = f"{SCHEDULES}/{made['id']}"
        at = "2099-01-01T00:00Z"
        for patch in ({"cron": None}, {"at": at}, {"cron": "x"}, {"name": None}):
            assert (await orchestrator.admin.patch(path, json=patch)).status_code == 422
        assert (await orchestrator.admin.get(path)).json() == made


class TestRunNow:
    async def test_a_task_at_once_even_while_disabled(self, orchestrator: Orchestrator) -> None:
        made = await create(
            orchestrator, enabled=False, metadata={"tag": "x"}, goal_id="g", pod_name="Quick Reply"
        )
        path = f"{SCHEDULES}/{made['id']}"
        answer = await orchestrator.admin.post(f"{path}/run")
        assert answer.status_code == 202, answer.text
        run = answer.json()
        assert (run["kind"], run["status"], run["task_status"]) == ("manual", "submitted", "queued")
        runs = await orchestrator.admin.get(f"{path}/runs")
        assert (runs.json(), runs.headers["X-Total-Count"]) == ([run], "1")
        async with orchestrator.database.connection() as connection:
            task = await connection.fetchrow(
                "SELECT * FROM tasks WHERE id = $1", UUID(run["task_id"])
            )
        assert task is not None
        assert (task["user_input"], task["goal_id"]) == ("Write the report", "g")
        assert (task["pod_name"], task["metadata"]["tag"]) == ("Quick Reply", "x")
        assert task["metadata"]["trigger"]["id"] == made["id"]
        changed = (await orchestrator.admin.get(path)).json()
        assert changed["last_run_at"] is not None
        assert changed["next_run_at"] is None
        (entry,) = await orchestrator.audit("schedule.run")
        assert entry["detail"] == {"task_id": run["task_id"]}

    async def test_a_pod_that_is_gone_is_said(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        made = await create(orchestrator, pod_name="Quick Reply")
        await execute(database_url, "UPDATE pods SET enabled = false WHERE name = 'Quick Reply'")
        answer = await orchestrator.admin.post(f"{SCHEDULES}/{made['id']}/run")
        assert (answer.status_code, answer.json()["code"]) == (409, "pod_disabled")
        assert (await orchestrator.admin.get(f"{SCHEDULES}/{made['id']}/runs")).json() == []


class TestDelete:
    async def test_its_tasks_stay(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        path = f"{SCHEDULES}/{made['id']}"
        await orchestrator.admin.post(f"{path}/run")
        assert (await orchestrator.admin.delete(path)).status_code == 204
        assert (await orchestrator.admin.get(path)).status_code == 404
        async with orchestrator.database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM tasks") == 1
            assert await connection.fetchval("SELECT count(*) FROM schedule_runs") == 0

    async def test_a_deleted_task_leaves_its_run(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        path = f"{SCHEDULES}/{(await create(orchestrator))['id']}"
        await orchestrator.admin.post(f"{path}/run")
        await execute(database_url, "DELETE FROM tasks")
        (run,) = (await orchestrator.admin.get(f"{path}/runs")).json()
        assert (run["status"], run["task_id"], run["task_status"]) == ("submitted", None, None)


class TestAccess:
    async def test_a_key_reads_and_only_admin_writes(self, orchestrator: Orchestrator) -> None:
        made = await create(orchestrator)
        path = f"{SCHEDULES}/{made['id']}"
        headers = {"X-API-Key": (await orchestrator.make_key())["raw_key"]}
        async with orchestrator.client(headers=headers) as key:
            for target in (SCHEDULES, path, f"{path}/runs"):
                assert (await key.get(target)).status_code == 200
            assert (await key.post(SCHEDULES, json=DAILY)).status_code == 403
            assert (await key.patch(path, json={"name": "x"})).status_code == 403
            assert (await key.post(f"{path}/run")).status_code == 403
            assert (await key.delete(path)).status_code == 403

    async def test_nothing_without_a_credential(self, orchestrator: Orchestrator) -> None:
        path = f"{SCHEDULES}/{uuid4()}"
        for method, target in [
            ("GET", SCHEDULES),
            ("POST", SCHEDULES),
            ("GET", path),
            ("PATCH", path),
            ("DELETE", path),
            ("POST", f"{path}/run"),
            ("GET", f"{path}/runs"),
        ]:
            answer = await orchestrator.anonymous.request(method, target, json=DAILY)
            assert answer.status_code == 401, (method, target)

    async def test_unknown_ids(self, orchestrator: Orchestrator) -> None:
        path = f"{SCHEDULES}/{uuid4()}"
        for method, target in [
            ("GET", path),
            ("PATCH", path),
            ("DELETE", path),
            ("POST", f"{path}/run"),
            ("GET", f"{path}/runs"),
        ]:
            answer = await orchestrator.admin.request(method, target, json={"name": "x"})
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_schedule")
