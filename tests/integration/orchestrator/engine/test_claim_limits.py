"""Claiming under limits: how many tasks of a pod or of a key run at once, and who comes first."""

import asyncio
from uuid import UUID, uuid4

import pytest

from services.kit.ids import new_id
from services.orchestrator.engine.leases import queries
from services.orchestrator.engine.leases.queries import ClaimedTask
from tests.fixtures.engine import Rig


@pytest.fixture
def claims(rig: Rig) -> "Claims":
    return Claims(rig)


class Claims:
    """Tasks, pods and keys as rows, and workers that claim."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.looked = asyncio.Event()

    async def pod(self, *, most: int | None) -> UUID:
        pod_id = new_id()
        await self.rig.sql(
            "INSERT INTO pods (id, name, max_concurrent_tasks) VALUES ($1, $2, $3)",
            pod_id,
            str(pod_id),
            most,
        )
        return pod_id

    async def key(self, *, most: int | None) -> UUID:
        key_id = new_id()
        await self.rig.sql(
            "INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm,"
            " max_concurrent_tasks) VALUES ($1, 'k', sha256($2), 'sk-nova', '{}', 60, $3)",
            key_id,
            key_id.bytes,
            most,
        )
        return key_id

    async def session(self) -> UUID:
        session_id = new_id()
        await self.rig.sql("INSERT INTO streams (id, kind) VALUES ($1, 'session')", session_id)
        await self.rig.sql("INSERT INTO agent_sessions (id, kind) VALUES ($1, 'chat')", session_id)
        return session_id

    async def add(
        self,
        count: int,
        *,
        pod: UUID | None = None,
        key: UUID | None = None,
        session: UUID | None = None,
        priority: int = 0,
    ) -> list[UUID]:
        ids = [new_id() for _ in range(count)]
        if session is None:
            await self.rig.sql(
                "INSERT INTO streams (id, kind) SELECT unnest($1::uuid[]), 'task'", ids
            )
        await self.rig.sql(
            "INSERT INTO tasks (id, kind, queue, status, stream_id, stream_after, pod_id, key_id,"
            " user_input, priority, session_id) SELECT id, 'pipeline', 'pipeline', 'queued',"
            " coalesce($5, id), 0, $2, $3, '', $4, $5"
            " FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, place) ORDER BY place",
            ids,
            pod,
            key,
            priority,
            session,
        )
        return ids

    async def claim(
        self, *, hold: float = 0.0, until: asyncio.Event | None = None
    ) -> ClaimedTask | None:
        """As a worker does; it waits before its transaction is committed."""
        async with self.rig.database.transaction() as connection:
            task = await queries.claim(
                connection, "pipeline", holder="w", boot_id=uuid4(), lease_seconds=30, ids=10
            )
            await asyncio.sleep(hold)
            if until is not None:
                self.looked.set()
                await until.wait()
            return task

    async def end(self, task: ClaimedTask | None) -> None:
        assert task is not None
        await self.rig.sql(
            "UPDATE tasks SET status = 'complete', output = '', completed_at = now(),"
            " holder = NULL, boot_id = NULL,"
            " lease_until = NULL WHERE id = $1",
            task.id,
        )

    async def claimed(self) -> list[UUID]:
        """All that can be claimed now, in order."""
        found: list[UUID] = []
        while (task := await self.claim()) is not None:
            found.append(task.id)
        return found


class TestOrder:
    async def test_priority_then_age(self, claims: Claims) -> None:
        old = await claims.add(2)
        urgent = await claims.add(2, priority=5)
        idle = await claims.add(1, priority=-1)
        assert await claims.claimed() == [*urgent, *old, *idle]

    async def test_a_task_that_is_queued_while_the_claim_looks_is_claimed(
        self, claims: Claims
    ) -> None:
        async with claims.rig.database.transaction() as connection:
            await connection.execute(
                """
                ALTER FUNCTION next_claimable RENAME TO next_claimable_now;
                CREATE TABLE looking (since timestamptz);
                CREATE FUNCTION next_claimable(wanted text) RETURNS uuid LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_advisory_lock(5);
                    PERFORM pg_advisory_unlock(5);
                    RETURN next_claimable_now(wanted);
                END $$;
                """
            )
        async with claims.rig.database.connection() as gate:
            await gate.execute("SELECT pg_advisory_lock(5)")
            claiming = asyncio.ensure_future(claims.claim())
            await claims.rig.until(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            (task,) = await claims.add(1)
            await gate.execute("SELECT pg_advisory_unlock(5)")
        found = await claiming
        assert found is not None
        assert found.id == task


class TestSessions:
    async def test_a_session_runs_one_turn_at_a_time(self, claims: Claims) -> None:
        first, second = await claims.session(), await claims.session()
        one, two = await claims.add(2, session=first)
        other = await claims.add(1, session=second)
        assert await claims.claimed() == [one, *other]
        await claims.rig.sql(
            "UPDATE tasks SET status = 'complete', output = '', completed_at = now(),"
            " holder = NULL, boot_id = NULL, lease_until = NULL WHERE id = $1",
            one,
        )
        assert await claims.claimed() == [two]

    async def test_an_earlier_turn_waits_for_a_later_one_that_runs(self, claims: Claims) -> None:
        session = await claims.session()
        one, two = await claims.add(2, session=session)
        await claims.rig.sql(
            "UPDATE tasks SET available_at = now() + interval '1 hour',"
            " queued_at = queued_at + interval '1 second' WHERE id = $1",
            one,
        )
        assert await claims.claimed() == [two]
        await claims.rig.sql(
            "UPDATE tasks SET available_at = now(),"
            " queued_at = queued_at - interval '2 seconds' WHERE id = $1",
            one,
        )
        assert await claims.claimed() == []


class TestPods:
    async def test_a_pod_runs_as_many_as_it_may(self, claims: Claims) -> None:
        tasks = await claims.add(4, pod=await claims.pod(most=2))
        first = await claims.claim()
        await claims.claim()
        assert await claims.claim() is None
        await claims.end(first)
        assert await claims.claimed() == [tasks[2]]

    async def test_a_full_pod_blocks_no_other(self, claims: Claims) -> None:
        full, free = await claims.pod(most=1), await claims.pod(most=None)
        waiting = await claims.add(2_000, pod=full, priority=9)
        others = await claims.add(3, pod=free)
        without = await claims.add(1)
        assert await claims.claimed() == [waiting[0], *others, *without]

    async def test_an_edit_holds_at_the_next_claim(self, claims: Claims) -> None:
        pod = await claims.pod(most=1)
        await claims.add(3, pod=pod)
        assert len(await claims.claimed()) == 1
        await claims.rig.sql("UPDATE pods SET max_concurrent_tasks = 2 WHERE id = $1", pod)
        assert len(await claims.claimed()) == 1
        await claims.rig.sql("UPDATE pods SET max_concurrent_tasks = NULL WHERE id = $1", pod)
        assert len(await claims.claimed()) == 1

    async def test_one_that_waits_for_a_person_takes_no_place(self, claims: Claims) -> None:
        await claims.add(2, pod=await claims.pod(most=1))
        first = await claims.claim()
        assert first is not None
        await claims.rig.sql(
            "UPDATE tasks SET status = 'pending_human_review', holder = NULL, boot_id = NULL,"
            """ pending = '{"id": "1", "kind": "decision", "prompt": "?"}',"""
            " lease_until = NULL WHERE id = $1",
            first.id,
        )
        assert len(await claims.claimed()) == 1


class TestKeys:
    async def test_a_key_runs_as_many_as_it_may(self, claims: Claims) -> None:
        key, other = await claims.key(most=2), await claims.key(most=None)
        tasks = await claims.add(4, key=key)
        others = await claims.add(2, key=other)
        assert await claims.claimed() == [*tasks[:2], *others]

    async def test_pod_and_key_both_hold(self, claims: Claims) -> None:
        pod, key = await claims.pod(most=3), await claims.key(most=1)
        of_key = await claims.add(2, pod=pod, key=key)
        of_pod = await claims.add(3, pod=pod)
        assert await claims.claimed() == [of_key[0], *of_pod[:2]]


class TestAtOnce:
    @pytest.mark.parametrize("limit", ["pod", "key", "both"])
    async def test_workers_that_look_at_once_never_pass_a_limit(
        self, claims: Claims, limit: str
    ) -> None:
        pod = await claims.pod(most=3 if limit != "key" else None)
        key = await claims.key(most=3 if limit != "pod" else None)
        await claims.add(20, pod=pod, key=key)
        for _ in range(5):
            found = await asyncio.gather(*(claims.claim(hold=0.02) for _ in range(8)))
            assert sum(task is not None for task in found) == 3
            (held,) = await claims.rig.sql("SELECT count(*) FROM tasks WHERE holder IS NOT NULL")
            assert held["count"] == 3
            for task in found:
                if task is not None:
                    await claims.end(task)

    async def test_a_claim_under_a_limit_holds_no_other_up(self, claims: Claims) -> None:
        """A worker may be stopped in the middle of its claim; the others' tasks go on."""
        limited, free = await claims.pod(most=2), await claims.pod(most=None)
        await claims.add(1, pod=limited, priority=1)
        (other,) = await claims.add(1, pod=free)
        goes_on = asyncio.Event()
        stopped = asyncio.create_task(claims.claim(until=goes_on))
        await claims.looked.wait()
        found = await claims.claim()
        assert found is not None
        assert found.id == other
        goes_on.set()
        await stopped
