"""API keys in the database: valid, expired, revoked."""

import hashlib
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.keys import key_lookup

ADD = """
INSERT INTO api_keys
    (id, name, key_hash, key_prefix, scopes, rate_limit_rpm, budget_usd, expires_at, revoked_at)
VALUES ($1, 'name', $2, 'sk-nova-', $3, 60, $4, $5::text::interval + now(), $6::text::interval + now())
"""


async def add(connection: Any, raw: str, **given: Any) -> Any:
    values = {"scopes": ["chat"], "budget": None, "expires": None, "revoked": None, **given}
    identity = uuid4()
    digest = hashlib.sha256(raw.encode()).digest()
    await connection.execute(ADD, identity, digest, *values.values())
    return identity, digest


async def test_only_valid_keys_are_found(database_url: str) -> None:
    database = Database(database_url)
    find = key_lookup(database)
    with pytest.raises(DatabaseDown):
        await find(b"x")
    await database.open()
    connection = await asyncpg.connect(database_url)
    identity, digest = await add(connection, "valid", budget=1.5, expires="1 hour")
    record = await find(digest)
    assert record is not None
    assert (record.id, record.name, record.scopes) == (identity, "name", ("chat",))
    assert (record.rate_limit_rpm, record.budget_usd) == (60, 1.5)
    for raw, given in {
        "expired": {"expires": "-1 second"},
        "revoked": {"revoked": "-1 second"},
        "both": {"expires": "1 hour", "revoked": "0 seconds"},
    }.items():
        _, digest = await add(connection, raw, **given)
        assert await find(digest) is None
    assert await find(b"") is None
    await connection.close()
    await database.close()
