"""Verifying a backup: it is really restored, and what was damaged is told."""

import io
import json
import tarfile
from pathlib import Path

import asyncpg
import httpx

from tests.fixtures.postgres import PostgresServer
from tests.integration.recovery.conftest import PREFIX, Recovery

BACKUPS = f"{PREFIX}/backups"


async def write_config(database_url: str, value: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "UPDATE platform_config SET value = to_jsonb($1::text) WHERE key = 'nova.name'", value
    )
    await connection.close()


async def databases(server: PostgresServer) -> set[str]:
    connection = await asyncpg.connect(server.dsn())
    names = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
    await connection.close()
    return names


class TestVerify:
    async def test_restores_and_compares(
        self, client: httpx.AsyncClient, database_url: str, postgres_server: PostgresServer
    ) -> None:
        made = (await client.post(BACKUPS)).json()
        await write_config(database_url, "changed since")
        before = await databases(postgres_server)
        answer = await client.post(f"{BACKUPS}/{made['filename']}/verify")
        assert answer.status_code == 200, answer.text
        assert answer.json()["verified_at"] is not None
        assert answer.json()["sha256"] == made["sha256"]
        assert (await client.get(BACKUPS)).json() == [answer.json()]
        summary = (await client.get(f"{PREFIX}/status")).json()["backups"]
        assert summary["last_verified"] == answer.json()["verified_at"]
        assert not {name for name in await databases(postgres_server) - before if "verify" in name}

    async def test_a_changed_byte(self, client: httpx.AsyncClient, recovery: Recovery) -> None:
        made = (await client.post(BACKUPS)).json()
        path = recovery.backups / made["filename"]
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        answer = await client.post(f"{BACKUPS}/{made['filename']}/verify")
        assert (answer.status_code, answer.json()["code"]) == (409, "backup_damaged")
        assert (await client.get(BACKUPS)).json()[0]["verified_at"] is None

    async def test_a_dump_that_does_not_hold_what_the_manifest_says(
        self, client: httpx.AsyncClient, recovery: Recovery
    ) -> None:
        made = (await client.post(BACKUPS)).json()
        path = recovery.backups / made["filename"]
        rewrite_manifest(path, table="public.platform_config", rows=1)
        (recovery.backups / f"{made['filename']}.json").unlink()
        answer = await client.post(f"{BACKUPS}/{made['filename']}/verify")
        assert answer.status_code == 409
        assert "public.platform_config: 1 rows expected" in answer.json()["detail"]

    async def test_not_even_a_tar(self, client: httpx.AsyncClient, recovery: Recovery) -> None:
        made = (await client.post(BACKUPS)).json()
        (recovery.backups / made["filename"]).write_bytes(b"junk" * 1000)
        (recovery.backups / f"{made['filename']}.json").unlink()
        answer = await client.post(f"{BACKUPS}/{made['filename']}/verify")
        assert (answer.status_code, answer.json()["code"]) == (409, "backup_damaged")


def rewrite_manifest(path: Path, *, table: str, rows: int) -> None:
    with tarfile.open(path) as archive:
        members = {
            member.name: (archive.extractfile(member) or io.BytesIO()).read() for member in archive
        }
    manifest = json.loads(members["manifest.json"])
    manifest["row_counts"][table] = rows
    members["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
