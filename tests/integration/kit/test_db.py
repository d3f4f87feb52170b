"""PostgreSQL through kit.db: values, odd values, and a server that goes away and comes back."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from services.kit.db import Connection, Database, Query, Scalar, Statement, affected, load_json
from services.kit.errors import DatabaseDown, Invalid, NovaError
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.restartable import RestartablePostgres, running


@dataclass(frozen=True)
class Row:
    id: UUID
    number: int
    data: Any


SELECT = Query(Row, "SELECT data, id, number FROM things WHERE number >= $1 ORDER BY number")
ADD = Statement("INSERT INTO things (id, number, data) VALUES ($1, $2, $3)")
ECHO_JSON = Scalar(object, "SELECT $1::jsonb")
ECHO_TEXT = Scalar(str, "SELECT $1::text")
ECHO_BIGINT = Scalar(int, "SELECT $1::bigint")
ECHO_NUMERIC = Scalar(Decimal, "SELECT $1::numeric")
PID = Scalar(int, "SELECT pg_backend_pid()")


@pytest.fixture
async def database(empty_database_url: str) -> AsyncIterator[Database]:
    opened = Database(empty_database_url, size=3, name="kit-test")
    await opened.open()
    async with opened.connection() as connection:
        await connection.execute(
            "CREATE TABLE things (id uuid PRIMARY KEY, number int UNIQUE, data jsonb)"
        )
    yield opened
    await opened.close()


class TestValues:
    async def test_rows_become_their_type(self, database: Database) -> None:
        first, second = uuid4(), uuid4()
        async with database.transaction() as connection:
            await ADD.run_many(connection, [(first, 1, {"a": [1, None]}), (second, 2, None)])
            assert await SELECT.all(connection, 1) == [
                Row(first, 1, {"a": [1, None]}),
                Row(second, 2, None),
            ]
            assert await SELECT.first(connection, 2) == Row(second, 2, None)
            assert await SELECT.first(connection, 3) is None
            with pytest.raises(LookupError):
                await SELECT.one(connection, 3)

    async def test_how_many_rows_changed(self, database: Database) -> None:
        change = Statement("UPDATE things SET data = '1' WHERE number > $1")
        async with database.transaction() as connection:
            for number in range(3):
                assert await ADD.run(connection, uuid4(), number, {}) == 1
            assert await change.run(connection, 0) == 2
            assert await change.run(connection, 9) == 0

    def test_command_tags(self) -> None:
        assert [affected(tag) for tag in ("UPDATE 3", "INSERT 0 1", "CREATE TABLE", "")] == [
            3,
            1,
            0,
            0,
        ]

    @pytest.mark.parametrize(
        "value",
        [
            None, True, 0, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 10**400, 0.1, 1e308, "", "ü😀",
            "\u2028", [], {}, {"a": {"b": [1, 2.5, None]}}, "x" * 1_000_000,
        ],
    )  # fmt: skip
    async def test_json_comes_back_as_it_went(self, database: Database, value: Any) -> None:
        async with database.connection() as connection:
            assert await ECHO_JSON.get(connection, value) == value
        assert math.isinf(load_json("1e999"))

    async def test_integers_over_64_bits_come_as_floats(self, database: Database) -> None:
        async with database.connection() as connection:
            (found,) = cast("list[float]", await ECHO_JSON.get(connection, [2**70 + 1]))
        assert (type(found), found) == (float, 2.0**70)

    @pytest.mark.parametrize(
        ("query", "value"),
        [
            (ECHO_TEXT, "a\x00b"),
            (ECHO_TEXT, "\ud800"),
            (ECHO_TEXT, 5),
            (ECHO_JSON, {"a": "\x00"}),
            (ECHO_JSON, {"a": "\ud800"}),
            (ECHO_JSON, [10**400, math.nan]),
            (ECHO_BIGINT, 2**63),
            (ECHO_BIGINT, "x"),
            (ECHO_NUMERIC, "x"),
        ],
    )
    async def test_what_no_column_takes_is_invalid(
        self, database: Database, query: Scalar[Any], value: Any
    ) -> None:
        with pytest.raises(Invalid) as raised:
            async with database.transaction() as connection:
                await query.get(connection, value)
        assert raised.value.status == 422
        async with database.connection() as connection:
            assert await ECHO_TEXT.get(connection, "still works") == "still works"

    async def test_nan_in_json_is_null(self, database: Database) -> None:
        async with database.connection() as connection:
            assert await ECHO_JSON.get(connection, [math.nan, math.inf]) == [None, None]

    async def test_the_session_is_as_set(self, database: Database) -> None:
        show = Scalar(str, "SELECT current_setting($1)")
        async with database.connection() as connection:
            assert await show.get(connection, "timezone") == "UTC"
            assert await show.get(connection, "application_name") == "kit-test"


class TestTransactions:
    async def test_an_error_undoes_all_of_it(self, database: Database) -> None:
        async def fail() -> None:
            async with database.transaction() as connection:
                await ADD.run(connection, uuid4(), 1, {})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        async with database.connection() as connection:
            assert await SELECT.all(connection, 0) == []

    async def test_a_cancelled_one_is_undone_and_gives_its_connection_back(
        self, database: Database
    ) -> None:
        begun = asyncio.Event()

        async def hang() -> None:
            async with database.transaction() as connection:
                await ADD.run(connection, uuid4(), 1, {})
                begun.set()
                await connection.execute("SELECT pg_sleep(60)")

        for _ in range(5):
            begun.clear()
            task = asyncio.ensure_future(hang())
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with database.connection() as connection:
            assert await SELECT.all(connection, 0) == []


class TestNotThere:
    async def test_before_it_is_opened_and_after(self, empty_database_url: str) -> None:
        database = Database(empty_database_url)
        for _ in range(2):
            with pytest.raises(DatabaseDown):
                async with database.connection():
                    pass
            await database.open()
            await database.close()
            await database.close()

    @pytest.mark.parametrize("change", ["port", "name", "password"])
    async def test_a_server_that_can_t_be_used(
        self, postgres_server: PostgresServer, change: str
    ) -> None:
        dsn = {
            "port": "postgresql://nova:x@127.0.0.1:1/nova",
            "name": postgres_server.dsn("no_such_database"),
            "password": postgres_server.dsn().replace(postgres_server.password, "wrong"),
        }[change]
        database = Database(dsn)
        await database.open()  # it does not connect
        with pytest.raises(DatabaseDown):
            async with database.connection():
                pass
        with pytest.raises(DatabaseDown):
            await database.dedicated_connection()
        await database.close()

    async def test_a_missing_table_is_a_database_not_migrated_yet(self, database: Database) -> None:
        with pytest.raises(DatabaseDown, match="migrated"):
            async with database.connection() as connection:
                await connection.execute("SELECT * FROM nowhere")

    async def test_a_bug_in_a_query_is_not_hidden(self, database: Database) -> None:
        async def mistaken(connection: Connection) -> None:
            await connection.execute("SELECT nonsense FROM things")

        with pytest.raises(Exception, match="nonsense") as raised:
            async with database.connection() as connection:
                await mistaken(connection)
        assert not isinstance(raised.value, NovaError)


async def test_a_restart_of_the_server(tmp_path: Path) -> None:
    with running(RestartablePostgres(tmp_path)) as server:
        database = Database(server.dsn, size=3)
        await database.open()
        before = await _pids(database)
        assert len(before) == 3
        server.stop()
        for _ in range(3):
            with pytest.raises(DatabaseDown):
                await _pids(database)
        server.start()
        # Not one of the pool's old connections is handed out, at the first try.
        after = await _pids(database)
        assert len(after) == 3
        assert not after & before
        await database.close()


async def test_a_server_lost_in_the_middle(tmp_path: Path) -> None:
    with running(RestartablePostgres(tmp_path)) as server:
        database = Database(server.dsn, size=2)
        await database.open()
        begun = asyncio.Event()

        async def long_work() -> None:
            async with database.transaction() as connection:
                begun.set()
                await connection.execute("SELECT pg_sleep(60)")

        work = asyncio.ensure_future(long_work())
        await begun.wait()
        server.stop()
        with pytest.raises(DatabaseDown):
            await work
        server.start()
        assert len(await _pids(database)) == 2
        await database.close()


async def _pids(database: Database) -> set[int]:
    """The server processes behind the pool, all of its connections in use at once."""
    together = asyncio.Barrier(database._size)

    async def one() -> int:
        async with asyncio.timeout(30), database.connection() as connection:
            pid = await PID.one(connection)
            await together.wait()
            return pid

    tasks = [asyncio.ensure_future(one()) for _ in range(database._size)]
    try:
        return set(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
