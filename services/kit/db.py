"""PostgreSQL: a lazy pool of asyncpg connections, and typed static queries.

Each feature keeps its SQL in `queries.py`: at module level a Query, Scalar or Statement with static
text, a row type (frozen dataclass whose fields are the columns, in any order) above it, and one
function for each. A test PREPAREs every one of them and compares the columns with the row type.
A service function takes a connection; the edge (router, job) opens the transaction.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar, cast

import asyncpg
import orjson

from services.kit.db_pool import Connection, ConnectionPool
from services.kit.errors import DatabaseDown, Invalid

SERVER_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_DOWN = (
    *SERVER_GONE,
    OSError,
    asyncio.TimeoutError,
    asyncpg.InsufficientResourcesError,  # too many connections, a full disk
    asyncpg.InvalidCatalogNameError,  # while a restore swaps databases there is none of this name
)
# A process that is stopped in the middle of a transaction must not keep its locks: the others would
# pass its task over, and nobody could take it.
_IDLE_IN_TRANSACTION_MS = 15_000
_LOST_CONNECTION_TEXTS = ("connection is closed", "connection was closed")
_IDLE_SECONDS = 120.0

R = TypeVar("R")


class Query(Generic[R]):
    """A static SELECT (or RETURNING) whose rows become `row_type`."""

    def __init__(self, row_type: type[R], sql: str) -> None:
        self.row_type = row_type
        self.sql = sql

    async def all(self, connection: Connection, *arguments: object) -> list[R]:
        build = cast("Callable[..., R]", self.row_type)
        return [build(**row) for row in await connection.fetch(self.sql, *arguments)]

    async def first(self, connection: Connection, *arguments: object) -> R | None:
        row = await connection.fetchrow(self.sql, *arguments)
        return None if row is None else cast("Callable[..., R]", self.row_type)(**row)

    async def one(self, connection: Connection, *arguments: object) -> R:
        """The first row of a query that always has one."""
        row = await self.first(connection, *arguments)
        if row is None:
            raise LookupError("the query gave no row")
        return row


class Scalar(Generic[R]):
    """A static query with one column of `value_type`."""

    def __init__(self, value_type: type[R], sql: str) -> None:
        self.value_type = value_type
        self.sql = sql

    async def get(self, connection: Connection, *arguments: object) -> R | None:
        return cast("R | None", await connection.fetchval(self.sql, *arguments))

    async def one(self, connection: Connection, *arguments: object) -> R:
        return cast("R", await connection.fetchval(self.sql, *arguments))

    async def all(self, connection: Connection, *arguments: object) -> list[R]:
        return [cast("R", row[0]) for row in await connection.fetch(self.sql, *arguments)]


class Statement:
    """A static command without result rows."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    async def run(self, connection: Connection, *arguments: object) -> int:
        """Execute it; the number of rows that it changed."""
        return affected(await connection.execute(self.sql, *arguments))

    async def run_many(self, connection: Connection, rows: list[tuple[object, ...]]) -> None:
        await connection.executemany(self.sql, rows)


def affected(status: str) -> int:
    """The row count in a command tag such as "UPDATE 3"; 0 where it has none."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


class Database:
    """A pool that connects when first used, so that a service starts without its database."""

    def __init__(
        self, dsn: str, *, size: int = 10, name: str = "nova", generic_plans: bool = False
    ) -> None:
        """`generic_plans`: statements are planned once, not for the parameters of each call."""
        self._dsn = dsn
        self._plans = "force_generic_plan" if generic_plans else "auto"
        self._size = size
        self._name = name
        self._pool: ConnectionPool | None = None

    async def open(self) -> None:
        self._pool = ConnectionPool(self._connect, size=self._size, idle_seconds=_IDLE_SECONDS)

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection, None]:
        """A connection without a transaction. Raises DatabaseDown when there is none.

        Nobody resets a session: use SET LOCAL and transaction-level locks only.
        """
        pool = self._pool
        if pool is None:
            raise DatabaseDown("The database connection is not open yet.")
        with translated_errors():
            connection = await pool.take()
            try:
                yield connection
            finally:
                pool.give_back(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection, None]:
        """A connection inside one transaction, committed when the block ends well."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def dedicated_connection(self) -> Connection:
        """A connection outside the pool, for LISTEN; the caller closes it."""
        with translated_errors():
            return await asyncpg.connect(
                self._dsn, timeout=5, server_settings={"application_name": self._name + " listen"}
            )

    async def _connect(self) -> Connection:
        connection = await asyncpg.connect(
            self._dsn,
            timeout=5,
            command_timeout=60,
            server_settings={
                "application_name": self._name,
                "jit": "off",
                "plan_cache_mode": self._plans,
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": str(_IDLE_IN_TRANSACTION_MS),
            },
        )
        try:
            await prepare_connection(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection


class translated_errors:  # noqa: N801 - used as a context manager, like contextlib.suppress
    """Turns a lost database into DatabaseDown, and input that no column takes into Invalid."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
            raise DatabaseDown("The database refuses the login (DATABASE_URL).") from error
        if isinstance(error, _DOWN):
            raise DatabaseDown("The database can't be reached.") from error
        if isinstance(error, asyncpg.InterfaceError) and any(
            text in str(error) for text in _LOST_CONNECTION_TEXTS
        ):
            raise DatabaseDown("The database connection was lost.") from error
        if isinstance(error, asyncpg.InternalClientError):
            raise DatabaseDown("The database connection was lost.") from error
        if isinstance(error, asyncpg.UndefinedTableError):
            raise DatabaseDown("The database is not migrated yet.") from error
        if isinstance(error, asyncpg.DataError):
            raise Invalid(f"A value can't be stored: {error}") from error


async def prepare_connection(connection: Connection) -> None:
    """Read and write json and jsonb as Python values."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=dump_json, decoder=load_json, format="text"
        )


def dump_json(value: object) -> str:
    """JSON text; integers beyond 64 bits, which orjson refuses, are kept exact."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return json.dumps(value)


def load_json(text: str) -> Any:
    """The value. Integers over 64 bits come as floats, which every encoder behind takes; numbers
    that no float holds (jsonb keeps 4,000 digits) come exact.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
