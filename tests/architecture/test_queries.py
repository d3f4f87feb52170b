"""Every query in every queries.py fits the migrated schema, and its columns fit its row type."""

import dataclasses
import datetime as dt
import decimal
import importlib
import types
import typing
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from services.kit.db import Query, Scalar, Statement

ROOT = Path(__file__).parents[2]
ANY = object

Check = Callable[[str], Awaitable[list[str]]]

# What asyncpg gives for a PostgreSQL type (json and jsonb by the pool's codec).
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "uuid": (uuid.UUID,),
    "text": (str,),
    "varchar": (str,),
    "name": (str,),
    "int2": (int,),
    "int4": (int,),
    "int8": (int,),
    "float4": (float,),
    "float8": (float,),
    "numeric": (decimal.Decimal,),
    "bool": (bool,),
    "timestamptz": (dt.datetime,),
    "interval": (dt.timedelta,),
    "date": (dt.date,),
    "bytea": (bytes,),
    "json": (ANY,),
    "jsonb": (ANY,),
    "void": (ANY, type(None)),
}


def query_modules() -> list[str]:
    files = sorted((ROOT / "services").rglob("queries.py"))
    return [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]


def queries_of(
    module: types.ModuleType,
) -> dict[str, Query[typing.Any] | Scalar[typing.Any] | Statement]:
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, Query | Scalar | Statement)
    }


def accepted_types(annotation: object) -> set[object]:
    """The plain classes that an annotation admits: X | None -> {X, NoneType}, list[X] -> {list}."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return set().union(*(accepted_types(part) for part in typing.get_args(annotation)))
    if origin is typing.Literal:
        return {type(value) for value in typing.get_args(annotation)}
    if origin is typing.Annotated:
        return accepted_types(typing.get_args(annotation)[0])
    return {origin or annotation}


def fits(column: asyncpg.types.Type, annotation: object) -> bool:
    accepted = accepted_types(annotation)
    if typing.Any in accepted or object in accepted:
        return True
    if column.kind == "array":
        return bool(accepted & {list, tuple})
    if column.kind == "composite":
        return True
    given = PYTHON_TYPES.get(column.name, (str,) if column.kind == "enum" else None)
    assert given, f"this test does not know the type {column.name}"
    return ANY in given or any(
        isinstance(kind, type) and issubclass(kind, given) for kind in accepted
    )


async def problems(
    connection: asyncpg.Connection, query: Query[typing.Any] | Scalar[typing.Any] | Statement
) -> list[str]:
    try:
        columns = (await connection.prepare(query.sql)).get_attributes()
    except asyncpg.PostgresError as error:
        return [str(error)]
    if isinstance(query, Statement):
        return [f"gives rows: {[column.name for column in columns]}"] if columns else []
    if isinstance(query, Scalar):
        if len(columns) != 1:
            return [f"has {len(columns)} columns"]
        good = fits(columns[0].type, query.value_type)
        return [] if good else [f"gives {columns[0].type.name}, not {query.value_type}"]
    hints = typing.get_type_hints(query.row_type)
    wanted = {field.name for field in dataclasses.fields(query.row_type)}
    got = {column.name for column in columns}
    found = (
        [f"{query.row_type.__name__} has {wanted ^ got} on one side only"] if wanted != got else []
    )
    return found + [
        f"{column.name} is {column.type.name}, the row type says {hints[column.name]}"
        for column in columns
        if column.name in hints and not fits(column.type, hints[column.name])
    ]


@pytest.mark.parametrize("name", query_modules())
async def test_every_query_fits_the_schema(name: str, database_url: str) -> None:
    queries = queries_of(importlib.import_module(name))
    assert queries, f"{name} has no query at module level"
    connection = await asyncpg.connect(database_url)
    try:
        found = [
            f"{query_name}: {problem}"
            for query_name, query in queries.items()
            for problem in await problems(connection, query)
        ]
    finally:
        await connection.close()
    assert found == []


class TestTheTestItself:
    @dataclasses.dataclass
    class Row:
        a: int
        b: str | None

    @pytest.fixture
    async def found(self, empty_database_url: str) -> AsyncIterator[Check]:
        connection = await asyncpg.connect(empty_database_url)
        yield lambda sql: problems(connection, Query(self.Row, sql))
        await connection.close()

    async def test_a_query_that_fits(self, found: Check) -> None:
        assert await found("SELECT 1 AS a, 'x'::text AS b") == []

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT 1 AS a",
            "SELECT 1 AS a, 'x'::text AS b, 2 AS c",
            "SELECT 'x'::text AS a, 'x'::text AS b",
            "SELECT a, b FROM no_such_table",
        ],
    )
    async def test_one_that_does_not(self, sql: str, found: Check) -> None:
        assert await found(sql)
