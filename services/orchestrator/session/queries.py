"""SQL of logins: which login tokens were used, and how often a login was refused lately."""

from dataclasses import dataclass
from datetime import datetime

from services.kit.db import Connection, Query, Scalar, Statement

REFUSED = "session.refused"
"""The audit log's action for a refused login; its subject is the caller's address."""

_USE_TOKEN = Scalar(
    str,
    """
    INSERT INTO used_login_tokens (token_id, expires_at) VALUES ($1, $2)
    ON CONFLICT DO NOTHING
    RETURNING token_id
    """,
)
_FORGET_EXPIRED_TOKENS = Statement("DELETE FROM used_login_tokens WHERE expires_at < now()")
# Held while a login is decided: parallel guesses are counted one by one.
_LOCK_LOGINS = Scalar(object, "SELECT pg_advisory_xact_lock(hashtext('nova.session.login'))")


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refused logins of the last minute, and for how many seconds the oldest still counts."""

    from_address: int
    in_all: int
    seconds_left: float


_COUNT_REFUSALS = Query(
    Refusals,
    """
    SELECT count(*) FILTER (WHERE subject_id = $1) AS from_address,
        count(*) AS in_all,
        coalesce(
            60 - extract(epoch FROM clock_timestamp() - min(at)), 60)::float8 AS seconds_left
    FROM audit_log
    WHERE at > clock_timestamp() - interval '1 minute' AND action = 'session.refused'
    """,
)


async def use_login_token(connection: Connection, token_id: str, *, expires_at: datetime) -> bool:
    """Whether this was the token's first use."""
    await _FORGET_EXPIRED_TOKENS.run(connection)
    return await _USE_TOKEN.get(connection, token_id, expires_at) is not None


async def count_refusals(connection: Connection, address: str) -> Refusals:
    """What was refused lately; no other login is decided until the transaction ends."""
    await _LOCK_LOGINS.get(connection)
    return await _COUNT_REFUSALS.one(connection, address)
