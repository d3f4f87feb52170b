"""Status and services: with everything there, with nothing there, and for whom."""

import asyncio
import hashlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx

from services.kit.ids import new_id
from services.kit.launch.processes import PROCESSES
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.recovery import ROOT
from tests.integration.recovery.conftest import (
    ADMIN,
    PREFIX,
    Recovery,
    StartRecovery,
    by_name,
)

UNREACHABLE = "postgresql://nova:secret@127.0.0.1:1/nova"


async def add_key(database_url: str, raw: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm)"
        " VALUES ($1, 'test', $2, 'sk-nova-', '{}', 60)",
        new_id(),
        hashlib.sha256(raw.encode()).digest(),
    )
    await connection.close()


class TestStatus:
    async def test_admin_sees_everything(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(f"{PREFIX}/status")
        assert answer.status_code == 200
        body = answer.json()
        assert body["database"]["connected"] is True
        assert body["database"]["table_count"] > 5
        assert body["database"]["size"].endswith("kB")
        assert body["backups"] == {
            "count": 0,
            "latest": None,
            "total_size_bytes": 0,
            "last_verified": None,
        }
        services = by_name(body["services"]["details"])
        assert set(services) == set(PROCESSES)
        assert body["services"]["total"] == len(PROCESSES)
        assert services["recovery"]["status"] == "up"
        assert services["postgres"]["status"] == "up"
        assert services["orchestrator"] == {
            "service": "orchestrator",
            "status": "down",
            "health": "not reachable",
            "manager": "external",
            "pid": None,
            "uptime_s": None,
            "restarts": None,
        }

    async def test_without_a_credential_only_names_and_states(self, recovery: Recovery) -> None:
        async with httpx.AsyncClient(base_url=recovery.url) as anonymous:
            answer = await anonymous.get(f"{PREFIX}/status")
        assert answer.status_code == 200
        assert set(answer.json()) == {"services"}
        for detail in answer.json()["services"]["details"]:
            assert set(detail) == {"service", "status"}

    async def test_a_wrong_credential_is_no_credential_at_all(self, recovery: Recovery) -> None:
        async with httpx.AsyncClient(base_url=recovery.url) as stranger:
            answer = await stranger.get(f"{PREFIX}/status", headers={"X-Admin-Secret": "wrong"})
        assert answer.status_code == 401

    async def test_a_key_reads_but_does_not_write(
        self, recovery: Recovery, database_url: str
    ) -> None:
        await add_key(database_url, "sk-nova-test")
        headers = {"Authorization": "Bearer sk-nova-test"}
        async with httpx.AsyncClient(base_url=recovery.url, headers=headers) as holder:
            assert "database" in (await holder.get(f"{PREFIX}/status")).json()
            assert (await holder.get(f"{PREFIX}/services")).status_code == 200
            assert (await holder.get(f"{PREFIX}/backups")).status_code == 200
            assert (await holder.post(f"{PREFIX}/backups")).status_code == 403
            assert (await holder.post(f"{PREFIX}/services/worker/restart")).status_code == 403

    async def test_a_starting_service_and_an_odd_one(
        self, start_recovery: StartRecovery, database_url: str
    ) -> None:
        async def starting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            body = json.dumps({"status": "starting", "checks": {"schema": "at version 0"}})
            writer.write(f"HTTP/1.0 503 Busy\r\n\r\n{body}".encode())
            writer.close()

        async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n<html>")
            writer.close()

        async with (
            await asyncio.start_server(starting, "127.0.0.1", port := free_port()),
            await asyncio.start_server(odd, "127.0.0.1", odd_port := free_port()),
        ):
            recovery = await asyncio.to_thread(
                start_recovery,
                database_url=database_url,
                NOVA_ORCHESTRATOR_URL=f"http://127.0.0.1:{port}",
                NOVA_CHAT_API_URL=f"http://127.0.0.1:{odd_port}",
            )
            async with httpx.AsyncClient(base_url=recovery.url, headers=ADMIN) as client:
                found = by_name((await client.get(f"{PREFIX}/services")).json())
        assert found["orchestrator"]["status"] == "starting"
        assert found["orchestrator"]["health"] == "starting; schema: at version 0"
        assert found["chat-api"]["status"] == "down"
        assert "200 OK" in str(found["chat-api"]["health"])

    async def test_a_worker_without_a_keeper_is_known_by_its_sign_of_life(
        self, client: httpx.AsyncClient, database_url: str
    ) -> None:
        connection = await asyncpg.connect(database_url)
        await connection.execute(
            "INSERT INTO workers (name, boot_id, queue, pid) VALUES ('worker', $1, 'pipeline', 1)",
            new_id(),
        )
        await connection.close()
        found = by_name((await client.get(f"{PREFIX}/services")).json())
        assert found["worker"]["status"] == "up"
        assert found["chat-worker"]["status"] == "unknown"


class TestWorkerCheck:
    """Compose's health check of the processes that have no port."""

    def check(self, name: str, database_url: str, home: Path) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "services.recovery.worker_check", name],
            env={
                "NOVA_HOME": str(home),
                "NOVA_ADMIN_SECRET": "a",
                "NOVA_SERVICE_SECRET": "b",
                "NOVA_SECRET_KEY": "c",
                "DATABASE_URL": database_url,
            },
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    async def test_a_worker_is_known_by_its_connection(self, database_url: str, home: Path) -> None:
        code, said = await asyncio.to_thread(self.check, "memory-worker", database_url, home)
        assert code == 1
        assert "has not heard of memory-worker" in said
        connection = await asyncpg.connect(
            database_url, server_settings={"application_name": "memory-worker"}
        )
        assert await asyncio.to_thread(self.check, "memory-worker", database_url, home) == (0, "")
        await connection.close()

    def test_without_a_database(self, home: Path) -> None:
        code, said = self.check("worker", UNREACHABLE, home)
        assert code == 1
        assert said.strip() == "The database can't be reached."


class TestWithoutPostgres:
    async def test_status_is_degraded_and_quick(self, start_recovery: StartRecovery) -> None:
        recovery = start_recovery(database_url=UNREACHABLE)
        async with httpx.AsyncClient(base_url=recovery.url, headers=ADMIN, timeout=10) as client:
            body = (await client.get(f"{PREFIX}/status")).json()
            ready = await client.get("/health/ready")
        assert body["database"]["connected"] is False
        assert "reached" in body["database"]["reason"]
        assert body["services"]["down"] >= 1
        assert ready.status_code == 200
        assert ready.json()["status"] == "degraded"

    async def test_a_server_that_accepts_and_says_nothing(
        self, start_recovery: StartRecovery
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            recovery = start_recovery(database_url=f"postgresql://nova:x@127.0.0.1:{port}/nova")
            # The client's own limit is the claim: far below what a hung connection would take.
            async with httpx.AsyncClient(base_url=recovery.url, headers=ADMIN, timeout=10) as one:
                body = (await one.get(f"{PREFIX}/status")).json()
                key = {"Authorization": "Bearer sk-nova-x"}
                async with httpx.AsyncClient(base_url=recovery.url, headers=key) as holder:
                    refused = await holder.get(f"{PREFIX}/services", timeout=15)
        assert body["database"]["connected"] is False
        assert refused.status_code == 503
        assert refused.json()["code"] == "database_down"
        assert "Retry-After" in refused.headers

    async def test_wrong_password(
        self, start_recovery: StartRecovery, postgres_server: PostgresServer
    ) -> None:
        url = f"postgresql://nova:wrong@127.0.0.1:{postgres_server.port}/postgres"
        recovery = start_recovery(database_url=url)
        async with httpx.AsyncClient(base_url=recovery.url, headers=ADMIN) as client:
            body = (await client.get(f"{PREFIX}/status")).json()
            backup = await client.post(f"{PREFIX}/backups")
        assert "refuses the login" in body["database"]["reason"]
        assert backup.status_code == 503

    async def test_a_database_without_a_schema(
        self, start_recovery: StartRecovery, empty_database_url: str
    ) -> None:
        recovery = start_recovery(database_url=empty_database_url)
        async with httpx.AsyncClient(base_url=recovery.url) as holder:
            found = await holder.get(f"{PREFIX}/status", headers=ADMIN)
            refused = await holder.get(f"{PREFIX}/status", headers={"X-API-Key": "sk-nova-x"})
        assert found.json()["database"]["table_count"] == 0
        assert refused.status_code == 503

    async def test_session(self, start_recovery: StartRecovery) -> None:
        recovery = start_recovery(database_url=UNREACHABLE)
        async with httpx.AsyncClient(base_url=recovery.url, timeout=20) as browser:
            wrong = await browser.post(f"{PREFIX}/session", json={"admin_secret": "wrong"})
            assert wrong.status_code == 401
            neither = await browser.post(f"{PREFIX}/session", json={"login_token": "x"})
            assert neither.status_code == 400
            answer = await browser.post(
                f"{PREFIX}/session", json={"admin_secret": ADMIN["X-Admin-Secret"]}
            )
            assert answer.status_code == 200
            cookie = answer.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert "database" in (await browser.get(f"{PREFIX}/status")).json()

            path = f"{PREFIX}/services/worker/restart"
            assert (await browser.post(path)).json()["code"] == "csrf_token_wrong"
            token = {"X-CSRF-Token": answer.json()["csrf_token"]}
            assert (await browser.post(path, headers=token)).json()["code"] == "not_managed"

            ended = await browser.delete(f"{PREFIX}/session", headers=token)
            assert ended.status_code == 204
            assert "database" not in (await browser.get(f"{PREFIX}/status")).json()
