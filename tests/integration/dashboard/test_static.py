"""The build as the dashboard serves it: caching, fallback, security headers, no way out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.integration.dashboard.conftest import Running


@pytest.fixture
async def client(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as client:
        yield client


class TestFiles:
    async def test_hashed_assets_are_kept_for_ever(self, client):
        response = await client.get(
            "/assets/app-1a2b3c.js", headers={"Accept-Encoding": "identity"}
        )
        assert response.text == "console.log(1)"
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-type"].startswith("text/javascript")

    async def test_the_page_is_asked_for_again_each_time(self, client):
        response = await client.get("/")
        assert response.headers["cache-control"] == "no-cache"
        again = await client.get("/", headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(
        ("accept", "encoding", "raw"),
        [
            ("gzip, br", "br", b"brotli-bytes"),
            ("gzip;q=1, br;q=0", "gzip", b"gzip-bytes"),
            ("identity", None, b"console.log(1)"),
        ],
    )
    async def test_sends_the_smallest_form_that_the_client_takes(
        self, client, accept, encoding, raw
    ):
        request = client.build_request(
            "GET", "/assets/app-1a2b3c.js", headers={"Accept-Encoding": accept}
        )
        response = await client.send(request, stream=True)
        body = b"".join([chunk async for chunk in response.aiter_raw()])
        await response.aclose()
        assert response.headers.get("content-encoding") == encoding
        assert body == raw

    async def test_a_new_build_shows_without_a_restart(self, client, running):
        index = running.dist / "index.html"
        before = index.read_text()
        index.write_text("<!doctype html><title>Nova</title><p>second build")
        try:
            assert "second build" in (await client.get("/tasks")).text
        finally:
            index.write_text(before)

    async def test_writes_to_a_page_are_refused(self, client):
        assert (await client.post("/")).status_code == 405


class TestFallback:
    @pytest.mark.parametrize("path", ["/", "/login", "/tasks/0191", "/chat/a/b"])
    async def test_pages_of_the_app_get_the_page(self, client, path):
        response = await client.get(path)
        assert response.status_code == 200
        assert "<title>Nova</title>" in response.text

    async def test_a_missing_file_is_missing(self, client):
        assert (await client.get("/assets/app-old.js")).status_code == 404


class TestProtection:
    async def test_pages_carry_strict_headers(self, client):
        headers = (await client.get("/")).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(
        "path",
        [
            "/../secret.txt",
            "/assets/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/assets/..%5c..%5csecret.txt",
            "//etc/passwd",
            "/link.txt",
        ],
    )
    async def test_no_path_leads_out_of_the_build(self, running, path):
        reader, writer = await asyncio.open_connection(*running.authority.split(":"))
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {running.authority}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = (await reader.read()).decode()
        writer.close()
        assert "must never be served" not in answer
        assert "root:" not in answer


class TestHealth:
    async def test_has_the_three_routes(self, client):
        assert (await client.get("/health/live")).json() == {"status": "alive"}
        for path in ("/health/ready", "/health/startup"):
            response = await client.get(path)
            assert response.status_code == 200
            assert response.json() == {
                "status": "ready",
                "checks": {"build": "ok", "recovery": "ok"},
            }

    async def test_stays_small(self, running):
        """Both processes of granian; the aim is 45 MB for the one that works."""
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        assert children
        for pid in children:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    assert int(line.split()[1]) < 45 * 1024
