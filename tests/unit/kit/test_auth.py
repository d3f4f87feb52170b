"""Who is let in: each kind of credential, which of several counts, and odd ones."""

import hashlib
import hmac
import time
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, WebSocket
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.requests import Request

from services.kit import session_tokens
from services.kit.auth import (
    AdminCaller,
    Authenticator,
    ChatCaller,
    KeyCaller,
    KeyRecord,
    MaybeCaller,
    Principal,
    require_key,
)
from services.kit.errors import DatabaseDown, Forbidden, Unauthenticated
from services.kit.http import on_behalf
from services.kit.service_tokens import service_token
from tests.fixtures.kit_app import (
    ADMIN_SECRET,
    SECRET_KEY,
    SERVICE_SECRET,
    build,
    client,
    settings,
    socket_messages,
)

KEY, CHAT_KEY = "sk-nova-plain", "sk-nova-chat"
ADMIN = {"X-Admin-Secret": ADMIN_SECRET}
router = APIRouter()


def described(caller: Principal | None) -> dict[str, Any]:
    if caller is None:
        return {"kind": None}
    ids = {"key_id": caller.key_id, "task_id": caller.task_id, "step_id": caller.step_id}
    return {"kind": caller.kind, "name": caller.name, **ids}


@router.api_route("/key", methods=["GET", "POST"])
async def with_key(caller: KeyCaller) -> dict[str, Any]:
    return described(caller)


@router.api_route("/admin", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def as_admin(caller: AdminCaller) -> dict[str, Any]:
    return described(caller)


@router.get("/chat")
async def with_chat(caller: ChatCaller) -> dict[str, Any]:
    return described(caller)


@router.get("/maybe")
async def perhaps(caller: MaybeCaller) -> dict[str, Any]:
    return described(caller)


@router.websocket("/socket")
async def socket(connection: WebSocket) -> None:
    await require_key(connection)
    await connection.accept()


class Keys:
    """A look-up in memory: what a database would say, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.down = False
        self.records = {
            hashlib.sha256(raw.encode()).digest(): KeyRecord(uuid4(), raw[8:], scopes, 60, None)
            for raw, scopes in ((KEY, ()), (CHAT_KEY, ("chat",)))
        }

    async def __call__(self, digest: bytes) -> KeyRecord | None:
        self.asked += 1
        if self.down:
            raise DatabaseDown("away")
        return self.records.get(digest)


@pytest.fixture
def keys() -> Keys:
    return Keys()


def api(keys: Keys | None = None, *, address: str = "192.0.2.7", **changes: Any) -> Any:
    return client(build(router, lookup=keys or Keys(), **changes), address=address)


def session_cookie(*, subject: str = "admin") -> tuple[dict[str, str], str]:
    token = session_tokens.make_session_token(SECRET_KEY, subject=subject)
    session = session_tokens.read_session_token(SECRET_KEY, token)
    assert session is not None
    return {"Cookie": f"nova_session={token}"}, session_tokens.csrf_token(SECRET_KEY, session)


class TestKinds:
    @pytest.mark.parametrize(
        ("headers", "kind", "name"),
        [
            (ADMIN, "admin", "admin"),
            ({"Authorization": f"Bearer {ADMIN_SECRET}"}, "admin", "admin"),
            ({"X-API-Key": ADMIN_SECRET}, "admin", "admin"),
            ({"Authorization": f"Bearer {KEY}"}, "key", "plain"),
            ({"Authorization": f"bearer   {KEY}  "}, "key", "plain"),
            ({"X-API-Key": KEY}, "key", "plain"),
            ({"X-Nova-Service": service_token(SERVICE_SECRET, "worker")}, "service", "worker"),
            (session_cookie(subject="owner")[0], "admin", "owner"),
        ],
    )
    async def test_accepted(self, headers: dict[str, str], kind: str, name: str) -> None:
        async with api() as http:
            answer = await http.get("/key", headers=headers)
            assert (answer.json()["kind"], answer.json()["name"]) == (kind, name)
            admin = await http.get("/admin", headers=headers)
            assert admin.status_code == (403 if kind == "key" else 200)
            chat = await http.get("/chat", headers=headers)
            assert chat.status_code == (403 if kind == "key" else 200)

    async def test_the_scope_chat(self) -> None:
        async with api() as http:
            assert (await http.get("/chat", headers={"X-API-Key": CHAT_KEY})).status_code == 200
            refused = await http.get("/chat", headers={"X-API-Key": KEY})
        assert refused.json()["code"] == "scope_missing"

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Admin-Secret": ""},
            {"X-Admin-Secret": ADMIN_SECRET + " x"},
            {"X-Admin-Secret": ADMIN_SECRET[:-1]},
            {"X-Admin-Secret": KEY},
            {"X-API-Key": ""},
            {"X-API-Key": KEY + "x"},
            {"Authorization": f"Bearer {KEY.upper()}"},
            {"X-Nova-Service": service_token("another secret", "worker")},
            {"X-Nova-Service": service_token(SERVICE_SECRET, "worker")[:-1]},
            {"X-Nova-Service": "x" + service_token(SERVICE_SECRET, "worker")},
            {"X-Nova-Service": "worker"},
            {"X-Nova-Service": ""},
            {"X-Nova-Service": "."},
        ],
    )
    async def test_wrong(self, headers: dict[str, str]) -> None:
        async with api() as http:
            for path in ("/key", "/admin", "/maybe"):
                answer = await http.get(path, headers=headers)
                assert answer.status_code == 401
                assert answer.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Basic dXNlcjpwYXNz"},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer   "},
            {"Authorization": ""},
            {"Cookie": "nova_session="},
            {"Cookie": "other=1"},
        ],
    )
    async def test_none(self, headers: dict[str, str]) -> None:
        async with api() as http:
            assert (await http.get("/key", headers=headers)).json()["code"] == "credential_missing"
            assert (await http.get("/admin", headers=headers)).json()["code"] == "admin_required"
            assert (await http.get("/maybe", headers=headers)).json() == {"kind": None}

    async def test_where_no_key_is_required(self) -> None:
        async with api(require_auth=False) as http:
            assert (await http.get("/key")).json()["kind"] == "anonymous"
            assert (await http.get("/chat")).status_code == 200
            assert (await http.get("/admin")).status_code == 401
            assert (await http.get("/key", headers={"X-API-Key": "wrong"})).status_code == 401
            assert (await http.get("/key", headers={"X-API-Key": KEY})).json()["kind"] == "key"
            assert (await http.get("/admin", headers={"X-API-Key": KEY})).status_code == 403

    async def test_a_process_without_keys_knows_none(self) -> None:
        async with client(build(router)) as http:
            assert (await http.get("/key", headers={"X-API-Key": KEY})).status_code == 401
            assert (await http.get("/key", headers=ADMIN)).status_code == 200


class TestPrecedence:
    async def test_the_first_decides_even_if_a_later_one_is_right(self) -> None:
        right = {"X-Admin-Secret": ADMIN_SECRET, "Authorization": f"Bearer {KEY}"}
        async with api() as http:
            assert (await http.get("/key", headers=right)).json()["kind"] == "admin"
            for headers in (
                {**right, "X-Admin-Secret": "wrong"},
                {"X-Nova-Service": "wrong", "X-API-Key": KEY},
                {"Authorization": "Bearer wrong", "X-API-Key": KEY},
                {"X-API-Key": "wrong", **session_cookie()[0]},
            ):
                assert (await http.get("/key", headers=headers)).status_code == 401

    async def test_a_key_beside_a_session_is_only_a_key(self) -> None:
        async with api() as http:
            headers = {"X-API-Key": KEY, **session_cookie()[0]}
            assert (await http.get("/admin", headers=headers)).status_code == 403


class TestService:
    async def test_it_says_for_whom_it_works(self) -> None:
        key_id, task_id = uuid4(), uuid4()
        headers = {
            "X-Nova-Service": service_token(SERVICE_SECRET, "worker"),
            **on_behalf(key_id=key_id, task_id=task_id, step_id="3"),
        }
        async with api() as http:
            told = (await http.get("/key", headers=headers)).json()
        assert told["key_id"] == str(key_id)
        assert told["task_id"] == str(task_id)
        assert told["step_id"] == "3"

    @pytest.mark.parametrize("credential", [{"X-API-Key": KEY}, ADMIN, session_cookie()[0]])
    async def test_nobody_else_is_believed(self, credential: dict[str, str]) -> None:
        other = uuid4()
        async with api() as http:
            headers = {**credential, **on_behalf(key_id=other, task_id=other, step_id="3")}
            told = (await http.get("/key", headers=headers)).json()
        assert str(other) not in (told["key_id"], told["task_id"])
        assert told["step_id"] is None

    @pytest.mark.parametrize("value", ["x", "", "ä", "1" * 5000])
    async def test_a_malformed_id(self, value: str) -> None:
        headers = {
            "X-Nova-Service": service_token(SERVICE_SECRET, "worker").encode(),
            "X-Nova-Task-Id": value.encode(),
        }
        async with api() as http:
            answer = await http.get("/key", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "malformed_id")


class TestSession:
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    async def test_a_write_needs_its_csrf_token(self, method: str) -> None:
        cookie, csrf = session_cookie()
        _, foreign = session_cookie()
        async with api() as http:
            for headers in ({}, {"X-CSRF-Token": foreign}, {"X-CSRF-Token": "ä".encode()}):
                answer = await http.request(method, "/admin", headers={**cookie, **headers})
                assert (answer.status_code, answer.json()["code"]) == (403, "csrf_token_wrong")
            right = {**cookie, "X-CSRF-Token": csrf}
            assert (await http.request(method, "/admin", headers=right)).status_code == 200

    async def test_one_that_has_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cookie, _ = session_cookie()
        later = time.time() + session_tokens.SESSION_SECONDS + 1
        monkeypatch.setattr(time, "time", lambda: later)
        async with api() as http:
            assert (await http.get("/maybe", headers=cookie)).json() == {"kind": None}

    @pytest.mark.parametrize(
        "cookie",
        [
            "x", ".", "..", "é.é", "%00", "a.b", '"', '"\\', "e30.e30", "=" * 50, "nova_session=x",
            session_tokens.make_login_token(SECRET_KEY),
            session_tokens.make_session_token("cd" * 32, subject="admin"),
        ],
    )  # fmt: skip
    async def test_a_malformed_or_foreign_one_is_none(self, cookie: str) -> None:
        async with api() as http:
            headers = {"Cookie": f"nova_session={cookie}".encode()}
            assert (await http.get("/maybe", headers=headers)).json() == {"kind": None}
            assert (await http.get("/admin", headers=headers)).status_code == 401

    async def test_a_websocket(self) -> None:
        # No CSRF token: a page can't send one there, and the Origin was checked before.
        app = build(router, lookup=Keys())
        opened = await socket_messages(app, "/socket", headers=session_cookie()[0])
        assert opened[0]["type"] == "websocket.accept"
        refused = await socket_messages(app, "/socket")
        assert [message["type"] for message in refused] == ["websocket.close"]


class TestKeyCache:
    async def test_a_revoked_key_ends_within_two_seconds(
        self, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: now)
        async with api(keys) as http:
            assert (await http.get("/key", headers={"X-API-Key": KEY})).status_code == 200
            keys.records.clear()
            now += 1.9
            assert (await http.get("/key", headers={"X-API-Key": KEY})).status_code == 200
            assert keys.asked == 1
            now += 0.1
            assert (await http.get("/key", headers={"X-API-Key": KEY})).status_code == 401

    async def test_a_lost_database_is_no_wrong_key(
        self, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: now)
        async with api(keys) as http:
            keys.down = True
            assert (await http.get("/key", headers={"X-API-Key": KEY})).status_code == 503
            assert (await http.get("/key", headers=ADMIN)).status_code == 200
            assert (await http.get("/key", headers=session_cookie()[0])).status_code == 200
            keys.down = False
            assert (await http.get("/key", headers={"X-API-Key": KEY})).status_code == 200


class TestComparison:
    async def test_every_secret_is_compared_in_constant_time(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compared: list[tuple[bytes, bytes]] = []
        real = hmac.compare_digest

        def recorded(one: bytes, other: bytes) -> bool:
            compared.append((one, other))
            return real(one, other)

        cookie, csrf = session_cookie()
        token = service_token(SERVICE_SECRET, "w")
        monkeypatch.setattr(hmac, "compare_digest", recorded)
        async with api() as http:
            for headers in (ADMIN, {"X-API-Key": ADMIN_SECRET}, {"X-Nova-Service": token}):
                await http.get("/key", headers=headers)
            await http.post("/key", headers={**cookie, "X-CSRF-Token": csrf})
        expected = {other for _, other in compared}
        signature = cookie["Cookie"].rpartition(".")[2]
        assert {
            ADMIN_SECRET.encode(),
            token.encode(),
            csrf.encode(),
            signature.encode(),
        } <= expected

    async def test_a_secret_beyond_ascii(self) -> None:
        secret = "Zürich-geheim-日本"
        async with api(nova_admin_secret=SecretStr(secret)) as http:
            for name in ("X-Admin-Secret", "X-API-Key"):
                right = await http.get("/admin", headers={name: secret.encode()})
                assert right.status_code == 200
            assert (
                await http.get("/admin", headers={"X-Admin-Secret": "Zrich"})
            ).status_code == 401

    @given(st.binary(max_size=200), st.sampled_from(["X-Admin-Secret", "X-API-Key", "Cookie",
           "X-Nova-Service", "Authorization", "X-CSRF-Token"]))  # fmt: skip
    async def test_no_header_ends_in_another_error(self, value: bytes, name: str) -> None:
        prefix = {"Cookie": b"nova_session=", "Authorization": b"Bearer "}.get(name, b"")
        scope = {
            "type": "http",
            "method": "POST",
            "headers": [(name.lower().encode(), prefix + value)],
            "client": None,
        }
        with suppress(Unauthenticated, Forbidden):
            assert await Authenticator(settings()).principal(Request(scope)) is None


class TestGuessing:
    async def guess(self, http: httpx.AsyncClient, number: int) -> list[int]:
        answers = [
            await http.get("/key", headers={"X-API-Key": f"guess-{i}"}) for i in range(number)
        ]
        return [answer.status_code for answer in answers]

    async def test_after_twenty_an_address_is_told_to_wait(self) -> None:
        async with api() as http:
            assert await self.guess(http, 25) == [401] * 20 + [429] * 5
            answer = await http.get("/admin", headers={"X-Admin-Secret": "one more"})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_wrong_credentials")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60

    async def test_a_right_credential_always_passes(self) -> None:
        async with api() as http:
            await self.guess(http, 30)
            for headers in (ADMIN, {"X-API-Key": KEY}, session_cookie()[0]):
                assert (await http.get("/key", headers=headers)).status_code == 200
            assert (await http.get("/maybe")).status_code == 200
            assert (await http.get("/key")).status_code == 401

    async def test_the_same_wrong_one_is_no_guess(self) -> None:
        async with api() as http:
            for _ in range(50):
                answer = await http.get("/key", headers={"X-API-Key": "sk-nova-revoked"})
                assert answer.status_code == 401

    async def test_after_a_minute_it_counts_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: now)
        async with api() as http:
            await self.guess(http, 30)
            now += 60
            assert await self.guess(http, 21) == [401] * 20 + [429]

    async def test_each_address_for_itself_and_no_header_names_another(self) -> None:
        app = build(router, lookup=Keys())
        async with client(app, address="192.0.2.1") as one, client(app, address="192.0.2.2") as two:
            await self.guess(one, 30)
            assert await self.guess(two, 1) == [401]
            forged = {"X-API-Key": "other", "X-Forwarded-For": "192.0.2.9"}
            assert (await one.get("/key", headers=forged)).status_code == 429


def test_a_principal_s_rights() -> None:
    record = KeyRecord(UUID(int=1), "k", ("chat",), 60, None)
    key = Principal(kind="key", name="k", scopes=frozenset({"chat"}), key=record)
    assert not key.is_admin
    assert key.may("chat")
    assert not key.may("other")
    assert Principal(kind="admin", name="a").may("anything")
    assert not Principal(kind="anonymous", name="").is_admin
