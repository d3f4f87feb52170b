"""HTTP through the dashboard: what is passed on, what is not, and when calls end."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.dashboard.conftest import Running


@pytest.fixture
async def client(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as client:
        yield client


async def _state(running: Running) -> dict[str, int]:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{running.upstream_url}/api/state")).json()


async def _until(running: Running, key: str, value: int) -> None:
    deadline = time.monotonic() + 15
    while (await _state(running)).get(key, 0) < value:
        assert time.monotonic() < deadline, f"{key} never reached {value}"
        await asyncio.sleep(0.05)


class TestRouting:
    @pytest.mark.parametrize(
        ("path", "seen"),
        [
            ("/api/v1/tasks?limit=2&q=a%20b", "/api/v1/tasks"),
            ("/recovery-api/api/v1/recovery/status", "/api/v1/recovery/status"),
            ("/memory-api/api/v1/memories/stats", "/api/v1/memories/stats"),
            ("/ws/chat", "/ws/chat"),
        ],
    )
    async def test_reaches_the_service_under_its_own_path(self, client, path, seen):
        answer = (await client.get(path)).json()
        assert answer["path"] == seen
        assert answer["query"] == path.partition("?")[2]

    @pytest.mark.parametrize(
        "path",
        [
            "/recovery-api/metrics",
            "/recovery-api//metrics",
            "/recovery-api/%6detrics",
            "/memory-api/./metrics",
            "/memory-api/x/..%2fmetrics",
            "/memory-api/..%2f..%2fetc",
            "/metrics",
        ],
    )
    async def test_keeps_metrics_and_climbing_paths_private(self, running, path):
        # A raw request: an HTTP library would tidy the path up before it leaves.
        reader, writer = await asyncio.open_connection(*running.authority.split(":"))
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {running.authority}\r\nConnection: close\r\n\r\n".encode()
        )
        head = (await reader.read()).decode()
        writer.close()
        # /metrics itself is the app's own page path: the app answers, never a service.
        assert head.startswith("HTTP/1.1 404") or "<title>Nova</title>" in head
        assert "x-kept" not in head

    async def test_a_prefix_is_a_whole_segment(self, client):
        assert "<title>Nova</title>" in (await client.get("/apiary")).text


class TestHeaders:
    async def test_passes_host_and_tells_where_the_call_came_from(self, client, running):
        answer = (await client.get("/api/x", headers={"X-Request-ID": "abc-1"})).json()
        assert answer["headers"]["host"] == running.authority
        assert answer["headers"]["x-forwarded-for"] == "127.0.0.1"
        assert answer["headers"]["x-forwarded-host"] == running.authority
        assert answer["headers"]["x-forwarded-proto"] == "http"
        assert answer["headers"]["x-request-id"] == "abc-1"

    async def test_drops_what_belongs_to_one_connection(self, client):
        response = await client.get(
            "/api/x", headers={"Connection": "X-Private", "X-Private": "1", "TE": "trailers"}
        )
        seen = response.json()["headers"]
        assert "x-private" not in seen
        assert "te" not in seen
        assert "keep-alive" not in response.headers
        assert response.headers["x-kept"] == "yes"
        assert response.headers["set-cookie"] == "a=1"

    async def test_a_service_can_not_serve_a_page_under_our_origin(self, client):
        response = await client.get("/api/x")
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"

    async def test_makes_a_request_id_when_the_given_one_is_odd(self, client):
        response = await client.get("/api/x", headers={"X-Request-ID": "a b<c>"})
        assert response.headers["x-request-id"] not in {"", "a b<c>"}


class TestOrigin:
    async def test_refuses_a_write_from_another_site(self, client):
        response = await client.post("/api/x", headers={"Origin": "http://evil.example"})
        assert response.status_code == 403
        assert response.json()["code"] == "origin_mismatch"

    @pytest.mark.parametrize("origin", ["null", "http://", "nonsense", "http://[::1"])
    async def test_refuses_a_write_with_an_unusable_origin(self, client, origin):
        assert (await client.post("/api/x", headers={"Origin": origin})).status_code == 403

    async def test_lets_its_own_page_and_programs_write(self, client, running):
        own = await client.post("/api/x", headers={"Origin": running.url})
        assert own.status_code == 200
        assert (await client.post("/api/x")).status_code == 200

    async def test_lets_anybody_read(self, client):
        response = await client.get("/api/x", headers={"Origin": "http://evil.example"})
        assert response.status_code == 200


class TestBodies:
    async def test_passes_a_body_with_a_length(self, client):
        assert (await client.post("/api/x", content=b"hello")).json()["body"] == "hello"

    async def test_streams_a_body_without_buffering_it(self, client, running):
        before = (await _state(running)).get("first_piece", 0)

        async def pieces() -> AsyncIterator[bytes]:
            yield b"a" * 1000
            # The rest is sent only once the service has seen the first piece.
            await _until(running, "first_piece", before + 1)
            yield b"b" * 1000

        response = await client.post("/api/upload", content=pieces())
        assert response.json() == {"total": 2000}

    async def test_passes_an_early_refusal_on(self, client):
        response = await client.post("/api/early", content=b"x" * 3_000_000)
        assert response.status_code == 413

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
    async def test_passes_every_method(self, client, method):
        assert (await client.request(method, "/api/x")).json()["method"] == method

    async def test_head_has_no_body(self, client):
        response = await client.head("/api/x")
        assert (response.status_code, response.content) == (200, b"")


class TestStreams:
    async def test_an_event_arrives_while_the_stream_is_open(self, client):
        async with client.stream("GET", "/api/sse?count=2") as response:
            received = ""
            async for text in response.aiter_text():
                received += text
                if received.count("data:") == 2:
                    break
        assert "id: 1" in received

    async def test_a_leaving_reader_ends_the_call_behind(self, client, running):
        closed = (await _state(running))["closed_streams"]
        async with client.stream("GET", "/api/sse") as response:
            await anext(response.aiter_bytes())
        await _until(running, "closed_streams", closed + 1)

    async def test_a_client_that_leaves_before_the_answer_ends_the_call_behind(
        self, client, running
    ):
        before = await _state(running)
        call = asyncio.ensure_future(client.post("/api/slow", json={"a": 1}))
        await _until(running, "open_streams", before["open_streams"] + 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await _until(running, "slow_cancelled", before["slow_cancelled"] + 1)

    async def test_many_open_streams_do_not_block_other_calls(self, client):
        async with httpx.AsyncClient(
            base_url=str(client.base_url), limits=httpx.Limits(max_connections=None), timeout=20
        ) as readers:
            streams = [readers.stream("GET", "/api/sse") for _ in range(150)]
            for stream in streams:
                await stream.__aenter__()
            try:
                assert (await client.get("/api/x")).status_code == 200
            finally:
                for stream in streams:
                    await stream.__aexit__(None, None, None)


class TestFailures:
    async def test_a_service_that_is_down_is_a_503_that_says_when_to_come_back(self, client):
        response = await client.get("/v1/models", headers={"X-Request-ID": "r-1"})
        assert response.status_code == 503
        assert response.headers["retry-after"].isdigit()
        assert response.json()["code"] == "service_unavailable"
        assert "llm-gateway" in response.json()["detail"]
        assert response.json()["request_id"] == "r-1"

    async def test_an_answer_cut_short_is_not_passed_off_as_whole(self, client):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.get("/api/broken")
