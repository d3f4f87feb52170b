"""SQL of keys' limits and of the calls that providers are asked for in a day."""

from dataclasses import dataclass
from uuid import UUID

from services.kit.db import Connection, Query, Statement


@dataclass(frozen=True, slots=True)
class KeyTermsRow:
    rate_limit_rpm: int
    rate_limit_tpm: int | None
    allowed_models: list[str] | None


_KEY_TERMS = Query(
    KeyTermsRow,
    "SELECT rate_limit_rpm, rate_limit_tpm, allowed_models FROM api_keys WHERE id = $1",
)


async def key_terms(connection: Connection, key_id: UUID) -> KeyTermsRow | None:
    return await _KEY_TERMS.first(connection, key_id)


@dataclass(frozen=True, slots=True)
class ProviderDay:
    """A provider's calls today (UTC), and how long today still is."""

    requests: int | None
    seconds_left: float


# `requests` is NULL if so many more would be too many.
_TAKE_REQUESTS = Query(
    ProviderDay,
    """
    WITH clock AS (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS at), taken AS (
        INSERT INTO provider_days AS today (provider, day, requests)
        SELECT $1, clock.at::date, $3::bigint FROM clock WHERE $2::bigint >= $3::bigint
        ON CONFLICT (provider, day) DO UPDATE SET requests = today.requests + excluded.requests
        WHERE today.requests + excluded.requests <= $2::bigint
        RETURNING requests
    )
    SELECT (SELECT requests FROM taken) AS requests,
        extract(epoch FROM clock.at::date + interval '1 day' - clock.at)::float8 AS seconds_left
    FROM clock
    """,
)
_RETURN_REQUEST = Statement(
    """
    UPDATE provider_days SET requests = requests - 1
    WHERE provider = $1 AND day = (now() AT TIME ZONE 'UTC')::date AND requests > 0
    """
)


@dataclass(frozen=True, slots=True)
class ProviderRequests:
    provider: str
    requests: int


_REQUESTS_TODAY = Query(
    ProviderRequests,
    "SELECT provider, requests FROM provider_days WHERE day = (now() AT TIME ZONE 'UTC')::date",
)


async def take_requests(
    connection: Connection, provider: str, *, number: int, most: int
) -> ProviderDay:
    """Count so many more of a provider's calls today; none of them if they would be over `most`."""
    return await _TAKE_REQUESTS.one(connection, provider, most, number)


async def return_request(connection: Connection, provider: str) -> None:
    await _RETURN_REQUEST.run(connection, provider)


async def requests_today(connection: Connection) -> list[ProviderRequests]:
    return await _REQUESTS_TODAY.all(connection)
