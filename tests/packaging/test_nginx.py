"""The container's nginx configuration, run by a real nginx in front of real sockets."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from services.kit.launch.configuration import ROOT
from services.kit.launch.ports import accepts_connections
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop, wait_until

TEMPLATE = ROOT / "dashboard" / "nginx.conf.template"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:{ROOT}/.venv/nginx/usr/sbin")
PEERS = ("ORCHESTRATOR", "LLM_GATEWAY", "CHAT_API", "RECOVERY", "MEMORY_SERVICE")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx)")


@dataclass
class Upstream:
    """Stands where a service stands: answers with what it was asked, streams when told to."""

    name: str
    port: int
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        request, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        if request.split()[1].endswith("/events"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n")
            await writer.drain()
            await self.go_on.wait()
            writer.write(b"data: 2\n\n")
        else:
            body = json.dumps(
                {"service": self.name, "target": request.split()[1], "headers": headers}
            ).encode()
            status = b"503 Busy" if request.split()[1].endswith("/busy") else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\nx-frame-options: SAMEORIGIN\r\n")
            writer.write(b"content-length: %d\r\nretry-after: 9\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


@dataclass(frozen=True)
class Front:
    """nginx with the built pages, in front of the upstreams that are there."""

    url: str
    upstreams: dict[str, Upstream]
    log: Path


def render(template: str, values: dict[str, str]) -> str:
    """Do what the image's start script does with envsubst."""
    return re.sub(r"\$\{(N(?:OVA|GINX)_\w+)\}", lambda found: values[found[1]], template)


@pytest.fixture
async def upstreams() -> AsyncIterator[dict[str, Upstream]]:
    started = {name: Upstream(name, free_port()) for name in PEERS if name != "CHAT_API"}
    servers = [
        await asyncio.start_server(upstream.answer, "127.0.0.1", upstream.port)
        for upstream in started.values()
    ]
    yield started
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.fixture
def front(tmp_path: Path, upstreams: dict[str, Upstream]) -> Iterator[Front]:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Nova</title>")
    (dist / "assets" / "index-abc.js").write_text("export {}")
    chat_port = free_port()
    ports = {name: upstream.port for name, upstream in upstreams.items()} | {"CHAT_API": chat_port}
    port = free_port()
    values = {f"NOVA_{name}_URL": f"http://127.0.0.1:{ports[name]}" for name in PEERS} | {
        "NOVA_DASHBOARD_PORT": f"127.0.0.1:{port}",
        "NOVA_DASHBOARD_DIST": str(dist),
        "NGINX_LOCAL_RESOLVERS": "127.0.0.1",
    }
    rendered = render(TEMPLATE.read_text(), values).replace(
        "/dev/stdout", str(tmp_path / "access.log")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"daemon off; master_process off; pid {tmp_path}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{\n"
        f"types {{ text/html html; text/javascript js; }}\n"
        + "".join(
            f"{kind}_temp_path {tmp_path}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + rendered
        + "\n}\n"
    )
    assert NGINX is not None
    log = tmp_path / "nginx.log"
    command = [NGINX, "-p", str(tmp_path), "-e", "stderr", "-c", str(configuration)]
    process = start(command, log=log)
    try:
        wait_until(
            lambda: accepts_connections("127.0.0.1", port) or _still_runs(process.poll(), log),
            what="nginx",
        )
        all_upstreams = upstreams | {"CHAT_API": Upstream("CHAT_API", chat_port)}
        yield Front(f"http://127.0.0.1:{port}", all_upstreams, tmp_path / "access.log")
    finally:
        stop(process)


def _still_runs(exit_code: int | None, log: Path) -> bool:
    assert exit_code is None, log.read_text()
    return False


@pytest.fixture
async def client(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=front.url, timeout=20) as opened:
        yield opened


class TestProxies:
    @pytest.mark.parametrize(
        ("path", "service", "target"),
        [
            ("/api/v1/tasks?wait=1", "ORCHESTRATOR", "/api/v1/tasks?wait=1"),
            ("/v1/models", "LLM_GATEWAY", "/v1/models"),
            (
                "/recovery-api/api/v1/recovery/status",
                "RECOVERY",
                "/api/v1/recovery/status",
            ),
            (
                "/memory-api/api/v1/memories/browse?q=a%20b",
                "MEMORY_SERVICE",
                "/api/v1/memories/browse?q=a%20b",
            ),
            ("/recovery-api/health/ready", "RECOVERY", "/health/ready"),
            ("/recovery-api", "RECOVERY", "/"),
        ],
    )
    async def test_path(
        self, client: httpx.AsyncClient, path: str, service: str, target: str
    ) -> None:
        answer = (await client.get(path)).json()
        assert (answer["service"], answer["target"]) == (service, target)

    async def test_headers(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(
            "/api/v1/tasks",
            headers={"host": "nova.test:3000", "x-request-id": "r-1", "x-forwarded-for": "9.9.9.9"},
        )
        seen = answer.json()["headers"]
        assert seen["host"] == "nova.test:3000"
        assert seen["x-request-id"] == "r-1"
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert answer.headers.get_list("x-request-id") == ["r-1"]
        assert answer.headers.get_list("x-frame-options") == ["DENY"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; frame")

    async def test_a_bad_request_id_is_replaced(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/tasks", headers={"x-request-id": "a b{}"})
        assert re.fullmatch("[0-9a-f]{32}", answer.json()["headers"]["x-request-id"])

    async def test_events_come_one_by_one(self, client: httpx.AsyncClient, front: Front) -> None:
        async with client.stream("GET", "/api/v1/pipeline/tasks/x/events") as answer:
            parts = answer.aiter_bytes()
            assert await anext(parts) == b"data: 1\n\n"
            front.upstreams["ORCHESTRATOR"].go_on.set()
            assert await anext(parts) == b"data: 2\n\n"

    async def test_websocket_and_its_key_is_not_logged(self, front: Front) -> None:
        async def echo(connection: ServerConnection) -> None:
            assert connection.request is not None
            await connection.send(connection.request.path)
            async for message in connection:
                await connection.send(message)

        url = front.url.replace("http", "ws") + "/ws/chat?token=sk-nova-private"
        async with (
            serve(echo, "127.0.0.1", front.upstreams["CHAT_API"].port),
            connect(url) as connection,
        ):
            assert await connection.recv() == "/ws/chat?token=sk-nova-private"
            await connection.send("hello")
            assert await connection.recv() == "hello"
        wait_until(lambda: "/ws/chat" in front.log.read_text(), what="the access log")
        assert "sk-nova-private" not in front.log.read_text()

    async def test_a_service_that_is_down(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/ws/chat", headers={"x-request-id": "r-2"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert answer.json()["code"] == "service_unavailable"
        assert answer.json()["request_id"] == "r-2"

    async def test_a_service_that_is_busy_says_so_itself(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/v1/busy")
        assert answer.status_code == 503
        assert answer.headers.get_list("retry-after") == ["9"]


class TestPrivatePaths:
    @pytest.mark.parametrize(
        "path",
        [
            "/metrics",
            "/recovery-api/metrics",
            "/memory-api/metrics",
            "/memory-api//metrics",
            "/memory-api/%6Detrics",
            "/memory-api/x/../metrics",
            "/memory-api/x/%2e%2e/metrics/",
        ],
    )
    async def test_metrics_are_not_exposed(self, front: Front, path: str) -> None:
        host, port = front.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        # By hand: a client library would tidy the path first.
        writer.write(f"GET {path} HTTP/1.1\r\nHost: nova\r\nConnection: close\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        await writer.wait_closed()
        assert answer.startswith("HTTP/1.1 404")
        assert '"code": "not_found"' in answer


class TestPages:
    async def test_any_address_is_the_app(self, client: httpx.AsyncClient) -> None:
        for path in ("/", "/tasks/123", "/apiary"):
            answer = await client.get(path)
            assert "<title>Nova" in answer.text
            assert answer.headers["cache-control"] == "no-cache"
            assert "script-src 'self'" in answer.headers["content-security-policy"]

    async def test_assets_are_kept_and_a_missing_one_is_missing(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.get("/assets/index-abc.js")
        assert "immutable" in answer.headers["cache-control"]
        assert (await client.get("/assets/none.js")).status_code == 404

    async def test_body_over_the_limit(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/v1/tasks", content=bytes(51 * 1024 * 1024))
        assert answer.status_code == 413
        assert answer.json()["code"] == "too_large"
