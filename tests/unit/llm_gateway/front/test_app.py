"""Which requests the front answers itself, and that it lets nothing past the app's checks."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import httpx
import pytest
from fastapi import APIRouter, Request

from services.kit.auth import KeyRecord
from services.kit.error_handlers import error_handler
from services.kit.ids import new_id
from services.kit.middleware import OriginMiddleware
from services.kit.service_tokens import SERVICE_HEADER, service_token
from services.kit.settings import ServiceSettings
from services.llm_gateway.errors import RateLimited
from services.llm_gateway.front.app import ErrorHandler, Front
from services.llm_gateway.front.exchange import Exchange
from tests.fixtures import kit_app
from tests.fixtures.kit_app import ADMIN_SECRET, SERVICE_SECRET

LIMIT = 1_000
KEY = "sk-nova-" + "k" * 40
RECORD = KeyRecord(new_id(), "mine", (), 60, None)
ADMIN = {"X-Admin-Secret": ADMIN_SECRET}

router = APIRouter()


@router.post("/hot")
async def behind(request: Request) -> dict[str, Any]:
    return {"by": "app", "size": len(await request.body())}


class Served:
    """A front with one hot route, before an app that has it as well."""

    def __init__(self, *, is_heard: bool = False, **changes: Any) -> None:
        self.heard: list[str] = []
        chosen: ServiceSettings = kit_app.settings(**changes)
        app = kit_app.build(router, lookup=self.look_up, **changes)
        self.front = Front(
            app,
            handlers={"/hot": self.hot},
            authenticator=app.state.authenticator,
            origins=OriginMiddleware(
                app, hosts=chosen.allowed_hosts(), origins=chosen.allowed_origins()
            ),
            on_error=cast("ErrorHandler", error_handler(None, {})),
            limit=LIMIT,
            listening=self.listening,
            is_heard=lambda _headers: is_heard,
        )

    async def look_up(self, _digest: bytes) -> KeyRecord | None:
        return RECORD

    async def hot(self, exchange: Exchange) -> None:
        if exchange.body == b"limited":
            raise RateLimited("Too many.", retry_after=2.0, headers={"x-ratelimit-limit": "1"})
        if exchange.body == b"broken":
            raise ZeroDivisionError
        size, who = len(exchange.body), exchange.principal.kind
        await exchange.answer(b'{"by":"front","size":%d,"who":"%b"}' % (size, who.encode()))

    def listening(self, app: Any) -> Any:
        async def listen(scope: Any, receive: Any, send: Any) -> None:
            self.heard.append(scope["path"])
            await app(scope, receive, send)

        return listen

    async def post(
        self, content: bytes = b"{}", headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self.front({**scope, "state": {"gateway": None}}, receive, send)

        async with kit_app.client(cast("Any", app)) as http:
            return await http.post("/hot", content=content, headers=headers or ADMIN, **more)


class TestPlain:
    async def test_it_is_answered_by_the_front(self) -> None:
        answer = await Served().post(b"x" * LIMIT)
        assert answer.json() == {"by": "front", "size": LIMIT, "who": "admin"}
        assert len(answer.headers["x-request-id"]) == 36

    async def test_the_request_s_id_comes_back_unless_it_is_odd(self) -> None:
        for given, kept in (("task-1:2", True), ("a b", False), ("x" * 129, False)):
            answer = await Served().post(headers={**ADMIN, "X-Request-ID": given})
            assert (answer.headers["x-request-id"] == given) is kept

    @pytest.mark.parametrize(
        ("headers", "who"),
        [
            ({"Authorization": f"Bearer {KEY}"}, "key"),
            ({"authorization": f"bearer  {KEY} "}, "key"),
            ({"X-API-Key": KEY}, "key"),
            ({"X-API-Key": ADMIN_SECRET}, "admin"),
            ({SERVICE_HEADER: service_token(SERVICE_SECRET, "worker")}, "service"),
        ],
    )
    async def test_credentials(self, headers: dict[str, str], who: str) -> None:
        assert (await Served().post(headers=headers)).json()["who"] == who

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-None": ""},
            {"X-Admin-Secret": "wrong"},
            {SERVICE_HEADER: "worker.0000"},
            {SERVICE_HEADER: service_token(SERVICE_SECRET, "worker") + "0"},
            {SERVICE_HEADER: service_token(SERVICE_SECRET, "worker"), "X-Nova-Task-Id": "no id"},
            {"Authorization": "Basic abc"},
        ],
    )
    async def test_wrong_ones(self, headers: dict[str, str]) -> None:
        answer = await Served().post(headers=headers)
        assert answer.status_code == 401
        assert "x-request-id" in answer.headers

    async def test_who_guesses_is_told_to_wait(self) -> None:
        served = Served()
        found = [
            (await served.post(headers={"X-Admin-Secret": f"guess-{i}"})).status_code
            for i in range(25)
        ]
        assert (found[0], found[-1]) == (401, 429)

    async def test_errors_have_their_status_and_headers(self) -> None:
        served = Served()
        limited = await served.post(b"limited")
        assert (limited.status_code, limited.json()["code"]) == (429, "rate_limit_exceeded")
        assert limited.headers["retry-after"]
        assert limited.headers["x-request-id"]
        broken = await served.post(b"broken")
        assert broken.status_code == 500
        assert "ZeroDivision" not in broken.text


class TestOdd:
    """All of these go through the app, whose middleware decides."""

    async def test_a_body_over_the_limit(self) -> None:
        served = Served()
        assert (await served.post(b"x" * (LIMIT + 1))).json()["by"] == "app"
        large = {**ADMIN, "Content-Length": str(11 * 1024 * 1024)}
        for length in (large, {**ADMIN, "Content-Length": "9" * 30}):
            assert (await served.post(b"x", headers=length)).status_code == 413

    async def test_a_body_of_unknown_length_over_the_app_s_limit(self) -> None:
        async def parts() -> AsyncGenerator[bytes, None]:
            for _ in range(11):
                yield b"x" * 1024 * 1024

        async with kit_app.client(cast("Any", Served().front)) as http:
            answer = await http.post("/hot", content=parts(), headers=ADMIN)
        assert answer.status_code == 413

    @pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "localhost.evil.io"])
    async def test_an_unknown_host(self, host: str) -> None:
        served = Served()
        for _ in range(2):  # also when it is known to be unknown
            answer = await served.post(headers={**ADMIN, "Host": host})
            assert (answer.status_code, host) == (400 if host else 200, host)

    async def test_hosts_that_are_allowed(self) -> None:
        served = Served(nova_allowed_hosts="nova.example")
        for host in ("nova.example", "127.0.0.1:1", "[::1]:80", "nova", "a.localhost"):
            answer = await served.post(headers={**ADMIN, "Host": host})
            assert answer.json()["by"] == "front", host

    async def test_hosts_are_told_apart_after_any_number_of_others(self) -> None:
        served = Served()
        for number in range(250):
            await served.post(headers={**ADMIN, "Host": f"h{number}"})
        for host, status in (("evil.example", 400), ("h0", 200)):
            answer = await served.post(headers={**ADMIN, "Host": host})
            assert answer.status_code == status

    async def test_another_site_s_page(self) -> None:
        answer = await Served().post(headers={**ADMIN, "Origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        own = await Served().post(headers={**ADMIN, "Origin": "http://127.0.0.1:8000"})
        assert own.json()["by"] == "app"

    async def test_a_browser_s_session(self) -> None:
        assert (await Served().post(headers={**ADMIN, "Cookie": "a=b"})).json()["by"] == "app"

    async def test_a_header_that_comes_twice(self) -> None:
        twice = [*ADMIN.items(), ("X-Admin-Secret", "wrong")]
        answer = await Served().post(headers=cast("Any", twice))
        assert answer.json()["by"] == "app"

    async def test_other_methods_and_paths(self) -> None:
        async with kit_app.client(cast("Any", Served().front)) as http:
            assert (await http.get("/hot", headers=ADMIN)).status_code == 405
            assert (await http.post("/hot/", headers=ADMIN)).status_code in {307, 404}
            assert (await http.post("/cold", headers=ADMIN)).status_code == 404


class TestListening:
    @pytest.mark.parametrize("is_heard", [False, True])
    async def test_only_what_is_to_be_heard_goes_through(self, *, is_heard: bool) -> None:
        served = Served(is_heard=is_heard)
        assert (await served.post()).json()["by"] == "front"
        assert served.heard == (["/hot"] if is_heard else [])

    async def test_what_goes_to_the_app_is_heard(self) -> None:
        served = Served()
        await served.post(headers={**ADMIN, "Cookie": "a=b"})
        assert served.heard == ["/hot"]
