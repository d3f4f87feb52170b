"""Request ids, body limits, and who may call from where."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, WebSocket
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from services.kit.log import request_id_var
from services.kit.middleware import OriginMiddleware
from tests.fixtures.kit_app import build, client, socket_messages

MEBIBYTE = 1024 * 1024
router = APIRouter()


@router.api_route("/id", methods=["GET", "POST", "DELETE"])
async def current_id() -> str:
    return request_id_var.get()


@router.post("/size")
@router.post("/v1/size")
@router.post("/upload/files")
async def size(request: Request) -> int:
    return len(await request.body())


@router.post("/unread")
async def unread() -> str:
    return "not read"


@router.post("/model")
async def model(content: dict[str, str]) -> int:
    return len(content)


@router.websocket("/socket")
async def socket(connection: WebSocket) -> None:
    await connection.accept()


def api(**options: str) -> httpx.AsyncClient:
    return client(build(router, openai_prefix="/v1", file_suffix="/files", **options))


class TestRequestId:
    @pytest.mark.parametrize("given", ["a", "abc-1.2:3_4", "x" * 128])
    async def test_it_is_accepted(self, given: str) -> None:
        async with api() as http:
            answer = await http.get("/id", headers={"X-Request-ID": given})
        assert answer.headers["X-Request-ID"] == answer.json() == given

    @pytest.mark.parametrize("given", ["", "a b", "x" * 129, "ä", "a\tb", '"><script>', "{}"])
    async def test_an_odd_one_is_replaced(self, given: str) -> None:
        async with api() as http:
            answer = await http.get("/id", headers={"X-Request-ID": given.encode()})
        assert UUID(answer.headers["X-Request-ID"]).version == 7
        assert answer.headers["X-Request-ID"] == answer.json()

    async def test_each_request_without_one_gets_its_own(self) -> None:
        async with api() as http:
            made = {(await http.get("/id")).headers["X-Request-ID"] for _ in range(20)}
        assert len(made) == 20

    async def test_it_is_forgotten_afterwards(self) -> None:
        async with api() as http:
            await http.get("/id", headers={"X-Request-ID": "mine"})
        assert request_id_var.get() == ""


async def pieces(total: int) -> AsyncIterator[bytes]:
    while total > 0:
        yield b"x" * min(total, MEBIBYTE)
        total -= MEBIBYTE


class TestBodyLimit:
    @pytest.mark.parametrize(
        ("path", "limit"), [("/size", 10 * MEBIBYTE), ("/upload/files", 50 * MEBIBYTE)]
    )
    async def test_up_to_the_limit(self, path: str, limit: int) -> None:
        async with api() as http:
            assert (await http.post(path, content=b"x" * limit)).json() == limit
            assert (await http.post(path, content=pieces(limit))).json() == limit
            for content in (b"x" * (limit + 1), pieces(limit + 1)):
                answer = await http.post(path, content=content)
                assert answer.status_code == 413
                assert answer.json()["code"] == "too_large"
                assert answer.json()["request_id"] == answer.headers["X-Request-ID"]

    @pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
    async def test_a_sent_body_over_it_is_no_malformed_one(self, content_type: str) -> None:
        async with api() as http:
            answer = await http.post(
                "/model",
                content=pieces(11 * MEBIBYTE),
                headers={"Content-Type": content_type},
            )
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    async def test_openai_s_shape(self) -> None:
        async with api() as http:
            for content in (b"x" * (11 * MEBIBYTE), pieces(11 * MEBIBYTE)):
                answer = await http.post("/v1/size", content=content)
                assert answer.status_code == 413
                assert answer.json()["error"]["type"] == "invalid_request_error"

    @pytest.mark.parametrize(
        ("announced", "status"),
        [
            ("9" * 5000, 413),
            ("0" * 5000 + "1", 200),
            ("-1", 200),
            ("x", 200),
            ("", 200),
            ("²", 200),
        ],
    )
    async def test_odd_announcements(self, announced: str, status: int) -> None:
        async with api() as http:
            headers = {"Content-Length": announced.encode("latin-1")}
            answer = await http.post("/unread", content=pieces(0), headers=headers)
        assert answer.status_code == status

    async def test_a_path_that_only_ends_like_the_one_for_files(self) -> None:
        async with api() as http:
            answer = await http.post("/xfiles", content=b"x" * (11 * MEBIBYTE))
        assert answer.status_code == 413


KNOWN = [
    "127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:3000", "nova", "nova:80", "[::1]",
    "[::1]:8000", "[fe80::1%25eth0]:8000", "192.168.1.5", "nova.localhost", "192.0.2.1:65535",
    "nova.example.com", "Nova.Example.com:8443", "tailnet.example",
]  # fmt: skip
UNKNOWN = [
    "evil.example", "127.0.0.1.evil.example", "evil.example:8000", "user@evil.example",
    "localhost.evil.example", "nova.example.com.evil.example", "nova.example.com.", "[::1",
    "evil.example#localhost", "evil.example?localhost", "127.0.0.1@evil.example", "evil.example:",
    "xnova.example.com", "1.2.3.4.5", "[v1.x]", "evil\uff0eexample",
]  # fmt: skip


class TestHost:
    @pytest.mark.parametrize("host", KNOWN)
    async def test_known(self, host: str) -> None:
        async with api(nova_allowed_hosts="nova.example.com, TAILNET.example") as http:
            assert (await http.get("/id", headers={"Host": host})).status_code == 200

    @pytest.mark.parametrize("host", UNKNOWN)
    async def test_unknown(self, host: str) -> None:
        async with api(nova_allowed_hosts="nova.example.com,tailnet.example") as http:
            answer = await http.get("/id", headers={"Host": host.encode()})
        assert answer.status_code == 400
        assert answer.json()["code"] == "unknown_host"
        assert answer.json()["request_id"]

    async def test_openai_s_shape(self) -> None:
        async with api() as http:
            answer = await http.post("/v1/size", headers={"Host": "evil.example"})
        assert answer.json()["error"]["code"] == "unknown_host"

    async def test_a_star_allows_all(self) -> None:
        async with api(nova_allowed_hosts="*") as http:
            assert (await http.get("/id", headers={"Host": "evil.example"})).status_code == 200

    async def test_health_is_no_exception(self) -> None:
        async with api() as http:
            answer = await http.get("/health/live", headers={"Host": "evil.example"})
        assert answer.status_code == 400

    @given(st.text())
    def test_any_text_is_judged_without_an_error(self, host: str) -> None:
        OriginMiddleware(build(), hosts=frozenset(), origins=[]).is_known_host(host)


FOREIGN = [
    "https://evil.example", "null", "http://127.0.0.1:9000", "http://127.0.0.1", "http://[",
    "//127.0.0.1:8000", "127.0.0.1:8000", "file://127.0.0.1:8000", "https://page.example:444",
    "http://page.example", "", "ä",
]  # fmt: skip


class TestOrigin:
    @pytest.mark.parametrize("origin", FOREIGN)
    async def test_a_foreign_page_may_not_write(self, origin: str) -> None:
        async with api(cors_allowed_origins="https://page.example") as http:
            for method in ("POST", "DELETE"):
                answer = await http.request(method, "/id", headers={"Origin": origin.encode()})
                assert answer.status_code == 403
                assert answer.json()["code"] == "foreign_origin"
            read = await http.get("/id", headers={"Origin": origin.encode()})
            assert read.status_code == 200
            assert "Access-Control-Allow-Origin" not in read.headers

    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            ("http://127.0.0.1:8000", "127.0.0.1:8000"),
            ("https://nova.example.com", "nova.example.com"),
            ("http://[::1]:3000", "[::1]:3000"),
            ("http://localhost:3000", "localhost:3000"),
        ],
    )
    async def test_our_own_page_may(self, origin: str, host: str) -> None:
        async with api(nova_allowed_hosts="nova.example.com") as http:
            answer = await http.post("/id", headers={"Origin": origin, "Host": host})
        assert answer.status_code == 200

    async def test_a_program_sends_none(self) -> None:
        async with api() as http:
            assert (await http.post("/id")).status_code == 200

    async def test_a_missing_host_is_nobody_s_own(self) -> None:
        async with api() as http:
            answer = await http.post("/id", headers={"Host": "", "Origin": "null"})
        assert answer.status_code == 403


class TestCors:
    origin = "https://page.example"

    async def test_an_allowed_origin(self) -> None:
        async with api(cors_allowed_origins=f"{self.origin}, https://other.example") as http:
            answer = await http.post("/id", headers={"Origin": self.origin})
            assert answer.status_code == 200
            assert answer.headers["Access-Control-Allow-Origin"] == self.origin
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
            exposed = answer.headers["Access-Control-Expose-Headers"]
            assert {"X-Request-ID", "X-Total-Count"} <= set(exposed.split(", "))

    async def test_its_preflight(self) -> None:
        asks = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "x-a"}
        async with api(cors_allowed_origins=self.origin) as http:
            allowed = await http.options("/id", headers={"Origin": self.origin, **asks})
            refused = await http.options("/id", headers={"Origin": "https://evil.example", **asks})
        assert allowed.status_code == 200
        assert "PATCH" in allowed.headers["Access-Control-Allow-Methods"]
        assert refused.status_code == 400
        assert "Access-Control-Allow-Origin" not in refused.headers

    async def test_its_errors_may_be_read(self) -> None:
        async with api(cors_allowed_origins=self.origin) as http:
            answer = await http.post(
                "/size", content=b"x" * (11 * MEBIBYTE), headers={"Origin": self.origin}
            )
        assert answer.status_code == 413
        assert answer.headers["Access-Control-Allow-Origin"] == self.origin

    async def test_a_star_gives_no_credentials_away(self) -> None:
        async with api(cors_allowed_origins="*") as http:
            answer = await http.post("/id", headers={"Origin": "https://any.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers

    async def test_none_without_the_setting(self) -> None:
        async with api() as http:
            answer = await http.get("/id", headers={"Origin": self.origin})
        assert "Access-Control-Allow-Origin" not in answer.headers


class TestSocket:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://127.0.0.1:8000"},
            {"Origin": "https://page.example"},
            {"Host": "[::1]:8000", "Origin": "http://[::1]:8000"},
        ],
    )
    async def test_it_opens(self, headers: dict[str, str]) -> None:
        app = build(router, cors_allowed_origins="https://page.example")
        sent = await socket_messages(app, "/socket", headers=headers)
        assert sent[0]["type"] == "websocket.accept"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://["},
            {"Origin": "http://127.0.0.1:9000"},
        ],
    )
    async def test_it_does_not(self, headers: dict[str, str]) -> None:
        sent = await socket_messages(build(router), "/socket", headers=headers)
        assert [message["type"] for message in sent] == ["websocket.close"]
