"""The task machine in SQL: every pair of statuses, and what a task has in each of them."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.orchestrator import (
    RUNNING_STATUSES,
    TERMINAL_STATUSES,
    WAITING_STATUSES,
    TaskStatus,
)

ALL = [status.value for status in TaskStatus]
RUNNING = {status.value for status in RUNNING_STATUSES}
WAITING = {status.value for status in WAITING_STATUSES}
TERMINAL = {status.value for status in TERMINAL_STATUSES}
NEXT: dict[str, set[str]] = {
    "submitted": {"queued", "pending_human_review", "failed", "cancelled"},
    "queued": RUNNING | {"pending_human_review", "failed", "cancelled"},
    **{status: set(ALL) for status in RUNNING},
    "pending_human_review": {"queued", "failed", "cancelled"},
    "clarification_needed": {"queued", "pending_human_review", "failed", "cancelled"},
    **{status: set() for status in TERMINAL},
}
_PUT = """
    UPDATE tasks SET status = $2,
        holder = CASE WHEN $3 THEN 'w' END, boot_id = CASE WHEN $3 THEN id END,
        lease_until = CASE WHEN $3 THEN now() END, started_at = now(),
        pending = $4::jsonb, completed_at = CASE WHEN $5 THEN now() END,
        error = CASE WHEN $2 IN ('failed', 'cancelled') THEN 'x' END,
        output = CASE WHEN $2 = 'complete' THEN 'x' END
    WHERE id = $1
"""


def pending(kind: str = "decision", **fields: Any) -> str:
    return json.dumps({"id": str(uuid4()), "kind": kind, "prompt": "?", "options": [], **fields})


@dataclass
class Machine:
    """One connection on a migrated database, with the task that it moves about."""

    connection: Any
    task_id: UUID

    async def put(self, status: str) -> None:
        """Go to the status with all that belongs to it."""
        asked = {
            "pending_human_review": pending(),
            "clarification_needed": pending("clarification"),
        }
        await self.connection.execute(
            _PUT, self.task_id, status, status in RUNNING, asked.get(status), status in TERMINAL
        )

    async def place(self, status: str) -> None:
        """Be in the status, by whatever way."""
        await self.connection.execute("SET session_replication_role = replica")
        await self.put(status)
        await self.connection.execute("SET session_replication_role = origin")

    async def may(self, status: str) -> bool:
        try:
            async with self.connection.transaction():
                await self.put(status)
        except asyncpg.CheckViolationError as error:
            if error.constraint_name == "tasks_transition" and f"to {status}" in str(error):
                return False
            raise
        return True

    async def change(self, assignments: str) -> None:
        async with self.connection.transaction():
            await self.connection.execute(
                f"UPDATE tasks SET {assignments} WHERE id = $1", self.task_id
            )


async def insert(connection: Any, status: str, **columns: str) -> UUID:
    task_id = uuid4()
    async with connection.transaction():
        await connection.execute("INSERT INTO streams (id, kind) VALUES ($1, 'task')", task_id)
        names = "".join(f", {name}" for name in columns)
        values = "".join(f", {value}" for value in columns.values())
        await connection.execute(
            "INSERT INTO tasks (id, kind, queue, status, stream_id, stream_after, user_input"
            f"{names}) VALUES ($1, 'pipeline', 'pipeline', $2, $1, 0, 'x'{values})",
            task_id,
            status,
        )
    return task_id


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    connection: Any = await asyncpg.connect(database_url)
    yield Machine(connection, await insert(connection, "queued"))
    await connection.close()


class TestTransitions:
    def test_every_status_is_meant(self) -> None:
        assert set(NEXT) == set(ALL)
        assert len(ALL) == 12

    @pytest.mark.parametrize("earlier", ALL)
    async def test_only_the_legal_ones_are_possible(self, machine: Machine, earlier: str) -> None:
        legal: set[str] = set()
        for later in ALL:
            await machine.place(earlier)
            if await machine.may(later):
                legal.add(later)
        # To stay what it is changes nothing and is never an error.
        assert legal == NEXT[earlier] | {earlier}

    @pytest.mark.parametrize("status", ALL)
    async def test_a_task_begins_queued_or_submitted(self, machine: Machine, status: str) -> None:
        if status in {"queued", "submitted"}:
            await insert(machine.connection, status)
            return
        with pytest.raises(asyncpg.CheckViolationError, match=f"begin as {status}"):
            await insert(machine.connection, status)

    async def test_only_a_dead_letter_leaves_its_end(self, machine: Machine) -> None:
        again = "status = 'queued', error = NULL, completed_at = NULL, dead_lettered_at = NULL"
        await machine.place("failed")
        with pytest.raises(asyncpg.CheckViolationError, match="from failed to queued"):
            await machine.change(again)
        await machine.change("dead_lettered_at = now()")
        with pytest.raises(asyncpg.CheckViolationError):
            await machine.change(again.replace("dead_lettered_at = NULL", "retry_count = 0"))
        await machine.change(again)


class TestWhatBelongsToAStatus:
    @pytest.mark.parametrize(
        ("status", "assignments", "constraint"),
        [
            (
                "queued",
                "holder = 'w', lease_until = now(), boot_id = id",
                "tasks_holder_while_running",
            ),
            ("task_running", "boot_id = NULL", "tasks_boot_of_holder"),
            ("task_running", "lease_until = NULL", "tasks_lease_of_holder"),
            ("task_running", "started_at = NULL", "tasks_started_when_held"),
            (
                "task_running",
                "holder = NULL, boot_id = NULL, lease_until = NULL",
                "tasks_holder_while_running",
            ),
            ("queued", "completed_at = now()", "tasks_completed_when_ended"),
            ("failed", "completed_at = NULL", "tasks_completed_when_ended"),
            ("failed", "error = NULL", "tasks_error_when_failed"),
            ("complete", "error = 'x'", "tasks_error_when_failed"),
            ("complete", "output = NULL", "tasks_output_when_complete"),
            ("failed", "output = 'x'", "tasks_output_when_complete"),
            ("pending_human_review", "pending = NULL", "tasks_pending_while_waiting"),
            ("queued", f"pending = '{pending()}'", "tasks_pending_while_waiting"),
            ("clarification_needed", f"pending = '{pending()}'", "tasks_pending_is_answerable"),
            (
                "pending_human_review",
                f"pending = '{pending('clarification')}'",
                "tasks_pending_is_answerable",
            ),
            (
                "pending_human_review",
                f"pending = '{pending('whim')}'",
                "tasks_pending_is_answerable",
            ),
            ("pending_human_review", "pending = '{}'", "tasks_pending_is_answerable"),
            ("pending_human_review", "pending = 'null'", "tasks_pending_is_answerable"),
            (
                "pending_human_review",
                f"pending = '{pending(id=None)}'",
                "tasks_pending_is_answerable",
            ),
            ("complete", "dead_lettered_at = now()", "tasks_dead_when_failed"),
            ("queued", "retry_count = max_retries + 1", "tasks_counts"),
            ("queued", "attempt = -1", "tasks_counts"),
        ],
    )
    async def test_nothing_else_is_possible(
        self, machine: Machine, status: str, assignments: str, constraint: str
    ) -> None:
        await machine.place(status)
        with pytest.raises(asyncpg.CheckViolationError) as raised:
            await machine.change(assignments)
        assert raised.value.constraint_name == constraint

    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            ({"kind": "'whim'"}, "tasks_kind_check"),
            ({"queue": "'whim'"}, "tasks_queue_check"),
            ({"depth": "6"}, "tasks_depth_check"),
            ({"depth": "1"}, "tasks_depth_of_parent"),
            ({"root_task_id": "id"}, "tasks_root_of_parent"),
            ({"budget_usd": "-0.01"}, "tasks_budget_usd_check"),
            ({"forked_step": "-1"}, "tasks_forked_step_check"),
        ],
    )
    async def test_what_it_is_submitted_with(
        self, machine: Machine, columns: dict[str, str], constraint: str
    ) -> None:
        (assignment,) = [f"{name} = {value}" for name, value in columns.items()]
        with pytest.raises(asyncpg.CheckViolationError) as raised:
            await machine.change(assignment)
        assert raised.value.constraint_name == constraint

    @pytest.mark.parametrize("kind", ["decision", "tool", "budget", "unknown_outcome", "restored"])
    async def test_what_a_person_may_be_asked(self, machine: Machine, kind: str) -> None:
        await machine.place("pending_human_review")
        await machine.change(f"pending = '{pending(kind)}'")
