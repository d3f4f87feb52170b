"""The statement of a write is put together from what the write brings: each one is valid SQL."""

from itertools import combinations
from typing import Any

import asyncpg
import pytest

from services.orchestrator.engine.journal.entries import Entry, begin_step, settle_step
from services.orchestrator.engine.journal.queries import statement, write

FIELDS = (
    *("begun", "settled", "stages", "findings", "reviews", "artifacts"),
    *("status", "stage", "flags", "snapshot"),
)
SETS = [
    (),
    FIELDS,
    *((field,) for field in FIELDS),
    *combinations(FIELDS, 2),
    *combinations(FIELDS, len(FIELDS) - 1),
]


class TestStatement:
    async def test_every_part_stands_alone_and_beside_others(self, database_url: str) -> None:
        connection: Any = await asyncpg.connect(database_url)
        try:
            for fields in SETS:
                prepared = await connection.prepare(statement(fields).sql)
                assert len(prepared.get_parameters()) == 4 + len(fields), fields
        finally:
            await connection.close()

    def test_the_same_fields_are_the_same_statement(self) -> None:
        assert statement(("begun", "status")) is statement(("begun", "status"))


class TestWrite:
    def test_only_what_the_entries_bring(self) -> None:
        begun = begin_step(step=3, stage="task", kind="model", name="m", digest="d", request={})
        settled = settle_step(step=2, status="done", result={})
        change = write([settled, begun, Entry(status="task_running", stage="task")])
        assert change.statement is statement(("begun", "settled", "status", "stage"))
        assert change.parameters == (begun.begun, settled.settled, "task_running", "task")

    def test_nothing_is_only_the_fence(self) -> None:
        assert write([Entry()]).parameters == ()

    @pytest.mark.parametrize("flags", [[], ["a"]])
    def test_no_flags_are_flags_too(self, flags: list[str]) -> None:
        assert write([Entry(flags=flags)]).parameters == (flags,)
