"""What any recovery service must do, asked of it by HTTP alone.

Runs against NOVA_CONFORMANCE_RECOVERY_URL (with NOVA_ADMIN_SECRET) if that is set, else against
Nova's own, started for it.
"""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter

from contracts.errors import ErrorBody
from contracts.health import Liveness, Readiness
from contracts.recovery import Backup, BackupDeleted, RecoveryStatus, ServiceDetail
from tests.fixtures.recovery import ADMIN_SECRET, running_recovery

PREFIX = "/api/v1/recovery"
BACKUPS = f"{PREFIX}/backups"
UNKNOWN_BACKUP = "nova-20000101T000000Z-00000000.tar"


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URL under test and its admin secret."""
    url = os.environ.get("NOVA_CONFORMANCE_RECOVERY_URL")
    if url:
        yield url, os.environ["NOVA_ADMIN_SECRET"]
        return
    database_url = request.getfixturevalue("database_url")
    with running_recovery(tmp_path, database_url=database_url) as recovery:
        yield recovery.url, ADMIN_SECRET


@pytest.fixture
async def stranger(target: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=target[0], timeout=60) as client:
        yield client


@pytest.fixture
async def admin(target: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-Admin-Secret": target[1]}
    async with httpx.AsyncClient(base_url=target[0], headers=headers, timeout=60) as client:
        yield client


def expect_error(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    body = ErrorBody.model_validate_json(answer.content)
    assert body.detail
    assert body.request_id == answer.headers["x-request-id"]


async def test_health(stranger: httpx.AsyncClient) -> None:
    Liveness.model_validate_json((await stranger.get("/health/live")).content)
    ready = await stranger.get("/health/ready")
    assert ready.status_code == 200
    assert Readiness.model_validate_json(ready.content).status in ("ready", "degraded")


async def test_its_interface_is_published(stranger: httpx.AsyncClient) -> None:
    paths = (await stranger.get("/openapi.json")).json()["paths"]
    assert {f"{PREFIX}/status", f"{PREFIX}/services", BACKUPS} <= set(paths)


async def test_anyone_sees_who_is_up_and_nothing_more(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get(f"{PREFIX}/status")
    assert answer.status_code == 200
    assert set(answer.json()) == {"services"}
    status = RecoveryStatus.model_validate_json(answer.content)
    assert status.services.total == len(status.services.details) > 0
    assert all(set(one) <= {"service", "status"} for one in answer.json()["services"]["details"])


async def test_admin_sees_the_database_and_the_backups(admin: httpx.AsyncClient) -> None:
    status = RecoveryStatus.model_validate_json((await admin.get(f"{PREFIX}/status")).content)
    assert status.database is not None
    assert status.backups is not None
    services = (await admin.get(f"{PREFIX}/services")).content
    names = {one.service for one in TypeAdapter(list[ServiceDetail]).validate_json(services)}
    assert {"orchestrator", "worker", "recovery", "postgres"} <= names


async def test_a_request_id_comes_back(stranger: httpx.AsyncClient) -> None:
    request_id = uuid.uuid4().hex
    answer = await stranger.get(f"{PREFIX}/services", headers={"X-Request-ID": request_id})
    expect_error(answer, 401)
    assert answer.headers["x-request-id"] == request_id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{PREFIX}/services"),
        ("POST", f"{PREFIX}/services/worker/restart"),
        ("POST", f"{PREFIX}/services/restart-all"),
        ("GET", BACKUPS),
        ("POST", BACKUPS),
        ("GET", f"{BACKUPS}/{UNKNOWN_BACKUP}"),
        ("POST", f"{BACKUPS}/{UNKNOWN_BACKUP}/verify"),
        ("DELETE", f"{BACKUPS}/{UNKNOWN_BACKUP}"),
    ],
)
async def test_nothing_without_a_credential(
    stranger: httpx.AsyncClient, method: str, path: str
) -> None:
    expect_error(await stranger.request(method, path), 401)
    wrong = await stranger.request(method, path, headers={"X-Admin-Secret": "wrong"})
    expect_error(wrong, 401)


async def test_unknown_names(admin: httpx.AsyncClient) -> None:
    expect_error(await admin.post(f"{PREFIX}/services/nobody/restart"), 404)
    expect_error(await admin.get(f"{BACKUPS}/{UNKNOWN_BACKUP}"), 404)
    expect_error(await admin.post(f"{BACKUPS}/{UNKNOWN_BACKUP}/verify"), 404)
    expect_error(await admin.delete(f"{BACKUPS}/{UNKNOWN_BACKUP}"), 404)
    expect_error(await admin.delete(f"{BACKUPS}/..%2Fenv"), 404)


async def test_the_life_of_a_backup(admin: httpx.AsyncClient) -> None:
    answer = await admin.post(BACKUPS)
    assert answer.status_code == 200, answer.text
    made = Backup.model_validate_json(answer.content)
    assert made.verified_at is None
    listed = TypeAdapter(list[Backup]).validate_json((await admin.get(BACKUPS)).content)
    assert made in listed
    fetched = await admin.get(f"{BACKUPS}/{made.filename}")
    assert len(fetched.content) == made.size_bytes
    verified = Backup.model_validate_json(
        (await admin.post(f"{BACKUPS}/{made.filename}/verify")).content
    )
    assert verified.verified_at is not None
    gone = await admin.delete(f"{BACKUPS}/{made.filename}")
    assert BackupDeleted.model_validate_json(gone.content).deleted
    listed = TypeAdapter(list[Backup]).validate_json((await admin.get(BACKUPS)).content)
    assert made.filename not in {one.filename for one in listed}


async def test_a_session(stranger: httpx.AsyncClient, target: tuple[str, str]) -> None:
    expect_error(await stranger.post(f"{PREFIX}/session", json={"admin_secret": "wrong"}), 401)
    opened = await stranger.post(f"{PREFIX}/session", json={"admin_secret": target[1]})
    assert opened.status_code == 200
    assert (await stranger.get(BACKUPS)).status_code == 200
    expect_error(await stranger.delete(f"{PREFIX}/session"), 403)
    csrf = {"X-CSRF-Token": opened.json()["csrf_token"]}
    assert (await stranger.delete(f"{PREFIX}/session", headers=csrf)).status_code == 204
    expect_error(await stranger.get(BACKUPS), 401)
