"""The dashboard's session over HTTP."""

import asyncio

import pytest

from services.kit import session_tokens
from tests.fixtures.orchestrator import ADMIN_SECRET, Orchestrator

SESSION = "/api/v1/session"
KEYS = "/api/v1/keys"


def login_token(nova: Orchestrator) -> str:
    return session_tokens.make_login_token(nova.settings.nova_secret_key.get_secret_value())


class TestLogIn:
    async def test_by_the_admin_secret(self, orchestrator: Orchestrator) -> None:
        browser = orchestrator.anonymous
        answer = await browser.post(SESSION, json={"admin_secret": ADMIN_SECRET})
        assert answer.status_code == 200
        cookie = answer.headers["Set-Cookie"].lower()
        assert cookie.startswith("nova_session=")
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "secure" not in cookie
        assert ADMIN_SECRET not in answer.text + cookie
        assert (await browser.get(SESSION)).json() == answer.json()
        assert (await browser.get(KEYS)).status_code == 200

    @pytest.mark.parametrize("proto", ["https", "HTTPS, http"])
    async def test_over_https_the_cookie_is_secure(
        self, orchestrator: Orchestrator, proto: str
    ) -> None:
        answer = await orchestrator.anonymous.post(
            SESSION, json={"admin_secret": ADMIN_SECRET}, headers={"X-Forwarded-Proto": proto}
        )
        assert "secure" in answer.headers["Set-Cookie"].lower()

    async def test_a_write_needs_the_csrf_token(self, orchestrator: Orchestrator) -> None:
        browser = orchestrator.anonymous
        info = (await browser.post(SESSION, json={"admin_secret": ADMIN_SECRET})).json()
        assert (await browser.post(KEYS, json={"name": "a"})).status_code == 403
        headers = {"X-CSRF-Token": info["csrf_token"]}
        answer = await browser.post(KEYS, json={"name": "a"}, headers=headers)
        assert answer.status_code == 201

    async def test_a_login_token_works_once(self, orchestrator: Orchestrator) -> None:
        token = login_token(orchestrator)

        async def use() -> int:
            async with orchestrator.client() as client:
                return (await client.post(SESSION, json={"login_token": token})).status_code

        assert sorted(await asyncio.gather(*(use() for _ in range(5)))) == [200, *[401] * 4]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"admin_secret": "wrong"}, 401),
            ({"admin_secret": ""}, 401),
            ({"login_token": "wrong"}, 401),
            ({"login_token": "a.b.c"}, 401),
            ({"login_token": "ü.ü"}, 401),
            ({}, 422),
            ({"admin_secret": ADMIN_SECRET, "login_token": "x"}, 422),
            ({"admin_secret": 5}, 422),
            ({"admin_secret": "\x00"}, 422),
            ([], 422),
        ],
    )
    async def test_what_is_refused(
        self, orchestrator: Orchestrator, body: object, status: int
    ) -> None:
        answer = await orchestrator.anonymous.post(SESSION, json=body)
        assert answer.status_code == status
        assert "Set-Cookie" not in answer.headers

    async def test_a_session_token_is_no_login_token(self, orchestrator: Orchestrator) -> None:
        secret = orchestrator.settings.nova_secret_key.get_secret_value()
        token = session_tokens.make_session_token(secret, subject="admin")
        answer = await orchestrator.anonymous.post(SESSION, json={"login_token": token})
        assert answer.status_code == 401


class TestLimit:
    async def test_after_ten_wrong_ones_even_the_right_one_waits(
        self, orchestrator: Orchestrator
    ) -> None:
        async def wrong() -> int:
            async with orchestrator.client() as client:
                return (await client.post(SESSION, json={"admin_secret": "x"})).status_code

        statuses = await asyncio.gather(*(wrong() for _ in range(15)))
        assert sorted(statuses) == [*[401] * 10, *[429] * 5]
        right = {"admin_secret": ADMIN_SECRET}
        answer = await orchestrator.anonymous.post(SESSION, json=right)
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert len(await orchestrator.audit("session.refused")) == 10
        link = {"login_token": login_token(orchestrator)}
        assert (await orchestrator.anonymous.post(SESSION, json=link)).status_code == 200

        async with orchestrator.database.connection() as connection:
            await connection.execute("ALTER TABLE audit_log DISABLE TRIGGER ALL")
            await connection.execute("UPDATE audit_log SET at = at - interval '61 seconds'")
        assert (await orchestrator.anonymous.post(SESSION, json=right)).status_code == 200

    async def test_another_address_does_not_wait(self, orchestrator: Orchestrator) -> None:
        for number in range(11):
            headers = {"X-Forwarded-For": f"198.51.100.{number}"}
            body = {"admin_secret": "x"}
            answer = await orchestrator.anonymous.post(SESSION, json=body, headers=headers)
            assert answer.status_code == 401


class TestGet:
    @pytest.mark.parametrize("cookie", ["", "x", "x.y", "e30.e30"])
    async def test_without_a_session(self, orchestrator: Orchestrator, cookie: str) -> None:
        headers = {"Cookie": f"nova_session={cookie}"}
        answer = await orchestrator.anonymous.get(SESSION, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "no_session")


class TestLogOut:
    async def test_it_clears_the_cookie(self, orchestrator: Orchestrator) -> None:
        browser = orchestrator.anonymous
        info = (await browser.post(SESSION, json={"admin_secret": ADMIN_SECRET})).json()
        assert (await browser.delete(SESSION)).status_code == 403
        answer = await browser.delete(SESSION, headers={"X-CSRF-Token": info["csrf_token"]})
        assert answer.status_code == 204
        assert not browser.cookies
        assert (await browser.get(SESSION)).status_code == 401

    async def test_without_a_session_there_is_nothing_to_end(
        self, orchestrator: Orchestrator
    ) -> None:
        assert (await orchestrator.anonymous.delete(SESSION)).status_code == 204
