"""Backups of a real PostgreSQL: made, listed, fetched, verified, deleted, and what breaks them."""

import asyncio
import hashlib
import io
import json
import resource
import tarfile
from pathlib import Path

import httpx
import pytest

from tests.fixtures.postgres import PostgresServer
from tests.fixtures.processes import stop
from tests.integration.recovery.conftest import ADMIN, PREFIX, Recovery, StartRecovery

BACKUPS = f"{PREFIX}/backups"
PATTERN = r"nova-\d{8}T\d{6}Z-[0-9a-f]{8}\.tar"


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def beside_the_running_server(home: Path, script: str) -> None:
    """Put a pg_dump beside the server that the keeper's state names."""
    folder = home / "bin"
    folder.mkdir()
    (folder / "postgres").touch()
    (folder / "pg_dump").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "pg_dump").chmod(0o755)
    state = {"command": [str(folder / "postgres"), "-D", "data"]}
    (home / "run" / "postgres.json").write_text(json.dumps(state))


def limit_file_size(pid: int, size: int) -> None:
    """Let the process write no file longer than `size` bytes, as a full disk would."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))


class TestCreate:
    async def test_one_file_that_holds_everything(
        self, client: httpx.AsyncClient, recovery: Recovery
    ) -> None:
        (recovery.home / "workspace" / "notes.txt").write_text("one two three")
        (recovery.home / "env").write_text("LOG_LEVEL=DEBUG\nNOVA_ADMIN_SECRET=private\n")
        answer = await client.post(BACKUPS)
        assert answer.status_code == 200, answer.text
        made = answer.json()
        assert made["verified_at"] is None
        assert files_in(recovery.backups) == {
            ".lock",
            made["filename"],
            f"{made['filename']}.json",
        }

        listed = await client.get(BACKUPS)
        assert listed.json() == [made]
        assert listed.headers["x-total-count"] == "1"

        fetched = (await client.get(f"{BACKUPS}/{made['filename']}")).content
        assert len(fetched) == made["size_bytes"]
        assert hashlib.sha256(fetched).hexdigest() == made["sha256"]
        with tarfile.open(fileobj=io.BytesIO(fetched)) as archive:
            assert archive.getnames() == [
                "manifest.json",
                "configuration.json",
                "workspace.json",
                "database.dump",
            ]

            def read(name: str) -> bytes:
                member = archive.extractfile(name)
                assert member is not None
                return member.read()

            assert json.loads(read("configuration.json")) == {"environment": {"LOG_LEVEL": "DEBUG"}}
            files = json.loads(read("workspace.json"))["files"]
            assert [(one["path"], one["size_bytes"]) for one in files] == [("notes.txt", 13)]
            assert json.loads(read("manifest.json"))["row_counts"]["public.platform_config"] > 10
            assert read("database.dump").startswith(b"PGDMP")
        assert b"private" not in fetched

    async def test_the_summary_counts_it(self, client: httpx.AsyncClient) -> None:
        made = (await client.post(BACKUPS)).json()
        backups = (await client.get(f"{PREFIX}/status")).json()["backups"]
        assert backups["count"] == 1
        assert backups["total_size_bytes"] == made["size_bytes"]
        assert backups["latest"] == made["created_at"]

    async def test_newest_first_and_pages(self, client: httpx.AsyncClient) -> None:
        made = [(await client.post(BACKUPS)).json()["filename"] for _ in range(2)]
        names = [one["filename"] for one in (await client.get(BACKUPS)).json()]
        assert names == sorted(made, reverse=True)
        page = await client.get(BACKUPS, params={"limit": 1, "offset": 1})
        assert [one["filename"] for one in page.json()] == names[1:]
        assert (await client.get(BACKUPS, params={"limit": 0})).status_code == 422

    async def test_two_at_once(self, client: httpx.AsyncClient) -> None:
        answers = await asyncio.gather(*(client.post(BACKUPS) for _ in range(4)))
        made = [one for one in answers if one.status_code == 200]
        refused = [one for one in answers if one.status_code == 409]
        assert made
        assert len(made) + len(refused) == 4
        assert all(one.json()["code"] == "backup_running" for one in refused)
        assert len((await client.get(BACKUPS)).json()) == len(made)

    @pytest.mark.parametrize("point", ["backup-dumped", "backup-written"])
    async def test_killed_half_way_leaves_nothing_listed(
        self, start_recovery: StartRecovery, database_url: str, point: str
    ) -> None:
        recovery = await asyncio.to_thread(
            start_recovery, database_url=database_url, NOVA_FAILPOINT=f"{point}:kill"
        )
        async with httpx.AsyncClient(base_url=recovery.url, headers=ADMIN, timeout=60) as client:
            with pytest.raises(httpx.TransportError):
                await client.post(BACKUPS)
        stop(recovery.process)
        assert any(name.startswith(".partial-") for name in files_in(recovery.backups))

        again = await asyncio.to_thread(start_recovery, database_url=database_url)
        async with httpx.AsyncClient(base_url=again.url, headers=ADMIN, timeout=60) as client:
            assert (await client.get(BACKUPS)).json() == []
            made = (await client.post(BACKUPS)).json()
            assert [one["filename"] for one in (await client.get(BACKUPS)).json()] == [
                made["filename"]
            ]
        assert not any(name.startswith(".partial-") for name in files_in(recovery.backups))

    async def test_uses_the_running_servers_program_and_hides_the_password(
        self, client: httpx.AsyncClient, recovery: Recovery, postgres_server: PostgresServer
    ) -> None:
        real = postgres_server.binaries.program("pg_dump")
        seen = recovery.home / "seen"
        beside_the_running_server(
            recovery.home,
            f'printf "%s\\n" "$@" > {seen}; echo "$PGPASSWORD" > {seen}.password; exec {real} "$@"',
        )
        assert (await client.post(BACKUPS)).status_code == 200
        assert (recovery.home / "seen.password").read_text().strip() == postgres_server.password
        assert "--format=custom" in seen.read_text()
        assert postgres_server.password not in seen.read_text()


class TestFailures:
    async def test_postgres_is_down(self, start_recovery: StartRecovery) -> None:
        recovery = start_recovery(database_url="postgresql://nova:x@127.0.0.1:1/nova")
        async with httpx.AsyncClient(base_url=recovery.url, headers=ADMIN) as client:
            answer = await client.post(BACKUPS)
            assert answer.status_code == 503
            assert answer.json()["code"] == "database_down"
            assert (await client.get(BACKUPS)).json() == []

    async def test_the_folder_can_not_be_made(
        self, start_recovery: StartRecovery, database_url: str, home: Path
    ) -> None:
        (home / "file").write_text("")
        recovery = start_recovery(database_url=database_url, BACKUP_DIR=str(home / "file" / "x"))
        async with httpx.AsyncClient(base_url=recovery.url, headers=ADMIN) as client:
            answer = await client.post(BACKUPS)
        assert answer.status_code == 503
        assert answer.json()["code"] == "backup_folder_unusable"

    async def test_a_full_disk(self, client: httpx.AsyncClient, recovery: Recovery) -> None:
        limit_file_size(recovery.process.pid, 16_000)
        answer = await client.post(BACKUPS)
        assert answer.status_code == 503
        assert answer.json()["code"] == "backup_failed"
        assert "pg_dump" in answer.json()["detail"]
        assert (await client.get(BACKUPS)).json() == []
        assert files_in(recovery.backups) == {".lock"}

    async def test_a_disk_that_is_full_after_the_dump(
        self, client: httpx.AsyncClient, recovery: Recovery
    ) -> None:
        beside_the_running_server(
            recovery.home,
            'for one in "$@"; do case $one in --file=*) head -c 15000 /dev/zero > "${one#--file=}";; '
            "esac; done",
        )
        limit_file_size(recovery.process.pid, 16_000)
        answer = await client.post(BACKUPS)
        assert answer.status_code == 503
        assert answer.json()["code"] == "backup_folder_unusable"
        assert "File too large" in answer.json()["detail"]
        assert files_in(recovery.backups) == {".lock"}

    async def test_a_program_that_fails_says_why(
        self, client: httpx.AsyncClient, recovery: Recovery
    ) -> None:
        beside_the_running_server(recovery.home, "echo 'server version mismatch' >&2; exit 1")
        answer = await client.post(BACKUPS)
        assert answer.status_code == 503
        assert answer.json()["detail"] == "pg_dump failed (1): server version mismatch"


class TestDelete:
    async def test_it_is_gone(self, client: httpx.AsyncClient, recovery: Recovery) -> None:
        made = (await client.post(BACKUPS)).json()
        answer = await client.delete(f"{BACKUPS}/{made['filename']}")
        assert answer.json() == {"filename": made["filename"], "deleted": True}
        assert (await client.get(BACKUPS)).json() == []
        assert files_in(recovery.backups) == {".lock"}
        assert (await client.delete(f"{BACKUPS}/{made['filename']}")).status_code == 404
