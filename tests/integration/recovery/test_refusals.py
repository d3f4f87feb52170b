"""Names that are not ours, callers without the right, and routes that are not there yet."""

import httpx
import pytest

from services.kit.ids import new_id
from tests.integration.recovery.conftest import PREFIX, Recovery

BACKUPS = f"{PREFIX}/backups"

FOREIGN_NAMES = [
    "passwd",
    "nova-20260101T000000Z-0123456g.tar",
    "nova-20260101T000000Z-01234567.tar.json",
    "nova-20260101T000000Z-01234567.tar",
    ".lock",
    "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e%2fenv",
    "..",
    "nova-20260101T000000Z-01234567.tar%00",
    "nova-20260101T000000Z-01234567.tar%0a",
    "n" * 5000,
]


class TestForeignNames:
    @pytest.mark.parametrize("name", FOREIGN_NAMES)
    async def test_not_found_and_nothing_touched(
        self, client: httpx.AsyncClient, recovery: Recovery, name: str
    ) -> None:
        recovery.backups.mkdir(exist_ok=True)
        bystander = recovery.backups / "passwd"
        bystander.write_text("x")
        (recovery.home / "env").write_text("NOVA_ADMIN_SECRET=private\n")
        for method, path in (
            ("GET", f"{BACKUPS}/{name}"),
            ("DELETE", f"{BACKUPS}/{name}"),
            ("POST", f"{BACKUPS}/{name}/verify"),
        ):
            answer = await client.request(method, path)
            assert answer.status_code in (404, 405), (method, path, answer.text)
            assert "private" not in answer.text
        assert bystander.read_text() == "x"
        assert (recovery.home / "env").exists()

    async def test_a_link_of_the_right_name(
        self, client: httpx.AsyncClient, recovery: Recovery
    ) -> None:
        recovery.backups.mkdir()
        secret = recovery.home / "env"
        secret.write_text("private")
        name = f"nova-20260101T000000Z-{new_id().hex[-8:]}.tar"
        (recovery.backups / name).symlink_to(secret)
        assert (await client.get(f"{BACKUPS}/{name}")).status_code == 404
        assert (await client.get(BACKUPS)).json() == []
        assert (await client.delete(f"{BACKUPS}/{name}")).status_code == 404
        assert secret.read_text() == "private"


class TestWhatBelongsToLater:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "factory-reset/categories"),
            ("POST", "factory-reset"),
            ("GET", "env"),
            ("POST", "compose-profiles"),
        ],
    )
    async def test_is_not_there(self, client: httpx.AsyncClient, method: str, path: str) -> None:
        assert (await client.request(method, f"{PREFIX}/{path}")).status_code == 404


async def test_an_outsider_gets_nothing(recovery: Recovery) -> None:
    async with httpx.AsyncClient(base_url=recovery.url) as outsider:
        for method, path in (
            ("GET", ""),
            ("POST", ""),
            ("GET", "/x.tar"),
            ("DELETE", "/x.tar"),
            ("POST", "/x.tar/verify"),
        ):
            assert (await outsider.request(method, BACKUPS + path)).status_code == 401
    assert not recovery.backups.exists()
