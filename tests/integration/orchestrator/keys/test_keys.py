"""API keys over HTTP."""

import hashlib
import re
import uuid

import pytest

from services.orchestrator.keys.service import recording_lookup
from tests.fixtures.orchestrator import Orchestrator, eventually, running, settings_for

KEYS = "/api/v1/keys"


class TestCreate:
    async def test_the_raw_key_is_shown_once_and_its_digest_stored(
        self, orchestrator: Orchestrator
    ) -> None:
        key = await orchestrator.make_key()
        assert re.fullmatch(r"sk-nova-[A-Za-z0-9_-]{43}", key["raw_key"])
        assert key["key"] == key["raw_key"]
        assert key["raw_key"].startswith(key["key_prefix"])
        assert len(key["key_prefix"]) < 20
        assert (key["rate_limit_rpm"], key["scopes"][0]) == (60, "chat")
        async with orchestrator.database.connection() as connection:
            row = await connection.fetchrow("SELECT * FROM api_keys")
            audit = await connection.fetchval("SELECT string_agg(detail::text, '') FROM audit_log")
        assert row["key_hash"] == hashlib.sha256(key["raw_key"].encode()).digest()
        assert key["raw_key"] not in str(dict(row)) + audit
        listed = (await orchestrator.admin.get(KEYS)).json()
        assert "raw_key" not in listed[0]
        assert listed[0]["id"] == key["id"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": ""},
            {"name": " "},
            {},
            {"name": "x" * 201},
            {"name": "a", "rate_limit_rpm": 0},
            {"name": "a", "rate_limit_rpm": 2**31},
            {"name": "a", "expires_at": "2001-01-01T00:00:00Z"},
            {"name": "a", "expires_at": "9999-12-31T23:59:59-23:00"},
            {"name": "a", "expires_at": "soon"},
            {"name": "a", "expires_at": 10**30},
            {"name": "a", "scopes": ["Über"]},
            {"name": "a", "scopes": ["x"] * 33},
            {"name": "a", "budget_usd": -0.01},
            {"name": "a", "rate_limit_tpm": 0},
            {"name": "a", "rate_limit_tpm": 10**10},
            {"name": "a", "allowed_models": "gpt-4o"},
            {"name": "a", "allowed_models": [""]},
            {"name": "a", "allowed_models": ["x" * 201]},
            {"name": "a", "allowed_models": ["x"] * 101},
            {"name": "a", "allowed_models": ["\x00"]},
        ],
    )
    async def test_wrong_fields_are_refused(
        self, orchestrator: Orchestrator, fields: dict[str, object]
    ) -> None:
        answer = await orchestrator.admin.post(KEYS, json=fields)
        assert answer.status_code == 422, answer.text

    async def test_a_body_with_infinity_is_refused(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.post(
            KEYS,
            content=b'{"name": "a", "budget_usd": Infinity}',
            headers={"Content-Type": "application/json"},
        )
        # Infinity is Python's word, not JSON's.
        assert answer.status_code == 400

    async def test_a_time_without_zone_is_utc(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key(expires_at="2999-01-01T00:00:00", unknown="ignored")
        assert key["expires_at"] == "2999-01-01T00:00:00Z"

    async def test_only_the_administrator_may(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key()
        answer = await orchestrator.anonymous.post(
            KEYS, json={"name": "b"}, headers={"X-API-Key": key["key"]}
        )
        assert answer.status_code == 403
        assert (await orchestrator.anonymous.get(KEYS)).status_code == 401


class TestValidate:
    async def test_each_way_to_send_a_key(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key(name="mine")
        for headers in (
            {"Authorization": f"Bearer {key['key']}"},
            {"X-API-Key": key["key"]},
        ):
            answer = await orchestrator.anonymous.get(f"{KEYS}/validate", headers=headers)
            assert answer.json() == {"valid": True, "id": key["id"], "name": "mine"}

    async def test_the_admin_secret_is_accepted(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.get(f"{KEYS}/validate")
        assert answer.json() == {"valid": True, "id": None, "name": "admin"}

    @pytest.mark.parametrize("raw", ["sk-nova-wrong", "", "ü", "x" * 5000])
    async def test_a_wrong_key(self, orchestrator: Orchestrator, raw: str) -> None:
        headers = {b"X-API-Key": raw.encode()}
        answer = await orchestrator.anonymous.get(f"{KEYS}/validate", headers=headers)
        assert answer.status_code == 401
        assert set(answer.json()) == {"detail", "code", "request_id"}

    async def test_none_at_all(self, orchestrator: Orchestrator, database_url: str) -> None:
        assert (await orchestrator.anonymous.get(f"{KEYS}/validate")).status_code == 401
        async with running(settings_for(database_url, require_auth=False)) as open_nova:
            assert (await open_nova.anonymous.get(f"{KEYS}/validate")).status_code == 200
            assert (await open_nova.anonymous.get(KEYS)).status_code == 401

    async def test_an_expired_key_stops_working(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key(expires_at="2999-01-01T00:00:00Z")
        async with orchestrator.database.connection() as connection:
            await connection.execute("UPDATE api_keys SET expires_at = now()")
        headers = {"X-API-Key": key["key"]}
        answer = await orchestrator.anonymous.get(f"{KEYS}/validate", headers=headers)
        assert answer.status_code == 401

    async def test_its_use_is_noted_at_most_once_a_minute(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key()
        digest = hashlib.sha256(key["key"].encode()).digest()
        look_up = recording_lookup(orchestrator.database)

        async def last_used() -> str | None:
            return (await orchestrator.admin.get(KEYS)).json()[0]["last_used_at"]

        assert await last_used() is None
        await look_up(digest)
        first = await last_used()
        assert first is not None
        await look_up(digest)
        assert await last_used() == first
        async with orchestrator.database.connection() as connection:
            await connection.execute("UPDATE api_keys SET last_used_at = now() - interval '2 min'")
        await look_up(digest)
        again = await last_used()
        assert again is not None
        assert again > first


class TestLimits:
    async def test_tokens_and_models_are_unlimited_unless_given(
        self, orchestrator: Orchestrator
    ) -> None:
        key = await orchestrator.make_key()
        assert (key["rate_limit_tpm"], key["allowed_models"]) == (None, None)
        given = {"rate_limit_tpm": 5_000, "allowed_models": ["gpt-4o*", "ollama/ü"]}
        key = await orchestrator.make_key(**given)
        (listed,) = [
            one for one in (await orchestrator.admin.get(KEYS)).json() if one["id"] == key["id"]
        ]
        assert {name: listed[name] for name in given} == given

    async def test_they_change_one_by_one(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key(rate_limit_tpm=5_000, allowed_models=["a"])
        url = f"{KEYS}/{key['id']}"
        changed = (await orchestrator.admin.patch(url, json={"allowed_models": []})).json()
        assert (changed["rate_limit_tpm"], changed["allowed_models"]) == (5_000, [])
        changed = (await orchestrator.admin.patch(url, json={"rate_limit_tpm": None})).json()
        assert (changed["rate_limit_tpm"], changed["allowed_models"]) == (None, [])
        changed = (await orchestrator.admin.patch(url, json={"allowed_models": None})).json()
        assert (changed["rate_limit_rpm"], changed["allowed_models"]) == (60, None)
        answer = await orchestrator.admin.patch(url, json={"rate_limit_tpm": 0})
        assert answer.status_code == 422


class TestRevoke:
    async def test_the_key_is_gone_from_lists_and_soon_from_use(
        self, orchestrator: Orchestrator
    ) -> None:
        key = await orchestrator.make_key()
        headers = {"X-API-Key": key["key"]}
        await orchestrator.anonymous.get(f"{KEYS}/validate", headers=headers)
        assert (await orchestrator.admin.delete(f"{KEYS}/{key['id']}")).status_code == 204
        assert (await orchestrator.admin.get(KEYS)).json() == []

        async def refused() -> bool:
            answer = await orchestrator.anonymous.get(f"{KEYS}/validate", headers=headers)
            return answer.status_code == 401

        await eventually(refused)
        assert (await orchestrator.admin.delete(f"{KEYS}/{key['id']}")).status_code == 404
        assert len(await orchestrator.audit("key.revoked")) == 1

    async def test_unknown_and_malformed_ids(self, orchestrator: Orchestrator) -> None:
        assert (await orchestrator.admin.delete(f"{KEYS}/{uuid.uuid4()}")).status_code == 404
        assert (await orchestrator.admin.delete(f"{KEYS}/nonsense")).status_code == 422
