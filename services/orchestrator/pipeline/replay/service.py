"""Replays an ended task: the executor's own code, with the journal for an answer to every call."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from contracts.orchestrator import TERMINAL_STATUSES, ReplayAnswer, ReplayDifference, TaskStatus
from services.kit.auth import Principal
from services.kit.db import Connection, Database
from services.kit.errors import LimitExceeded, WrongState
from services.kit.failpoints import Failpoints
from services.orchestrator.audit import service as audit
from services.orchestrator.deps import State
from services.orchestrator.engine.errors import PersonNeeded, RunEnded, TaskSuspended
from services.orchestrator.engine.journal import queries as journal_queries
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.leases import queries as lease_queries
from services.orchestrator.engine.leases.queries import ClaimedTask
from services.orchestrator.engine.limits.interruptions import TIME_LIMIT
from services.orchestrator.engine.record import RunEnd
from services.orchestrator.engine.run import RunContext
from services.orchestrator.engine.stream.numbering import Numbering
from services.orchestrator.engine.stream.publisher import Publisher
from services.orchestrator.pipeline import queries as pipeline_queries
from services.orchestrator.pipeline.checkpoint import SAID, timed_out
from services.orchestrator.pipeline.executor import PipelineExecutor, Start
from services.orchestrator.pipeline.forks.queries import FORK_ATTEMPT
from services.orchestrator.pipeline.places import place_of
from services.orchestrator.pipeline.queries import StageRow
from services.orchestrator.pipeline.replay import queries
from services.orchestrator.pipeline.replay.comparing import (
    calls_not_made,
    first_difference,
    stages_that_differ,
)
from services.orchestrator.pipeline.replay.run import NotJournalled, ReplayRun
from services.orchestrator.pipeline.replay.surroundings import (
    ReadOnlyDatabase,
    no_gateway,
    no_memory,
    room_of,
)
from services.orchestrator.pipeline.snapshots import service as snapshots
from services.orchestrator.pipeline.snapshots.model import Snapshot
from services.orchestrator.pipeline.tasks import service as task_service
from services.orchestrator.tasks.queries import TaskRow
from services.orchestrator.tools.lease import ToolLease
from services.orchestrator.tools.registry import ToolRegistry

_INTERRUPTED = "interrupted"
# A person's answer to these is asked for by the run itself; the others are settled in the journal.
_ASKED_BY_RUN = {"decision", "clarification"}
_STAGES_TIMEOUT_SECONDS = 3600
_MOST_EXPLAINED = 20
_LONGEST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that there is of an ended task."""

    task: TaskRow
    claimed: ClaimedTask
    snapshot: Snapshot
    steps: list[StepRow]
    stages: dict[tuple[str, int], StageRow]


async def replay_in_turn(state: State, task_id: UUID, *, actor: Principal) -> ReplayAnswer:
    """Replay the task when no other replay runs in this process, and note who asked for it.

    Raises LimitExceeded when that takes too long.
    """
    try:
        async with asyncio.timeout(_LONGEST_SECONDS), state.replays:
            answer = await replay(state.database, state.publisher, state.tools, task_id)
    except TimeoutError as error:
        text = f"Replays take turns, and this one came to no end within {_LONGEST_SECONDS} s."
        raise LimitExceeded(text, code="replay_timed_out", retry_after=5) from error
    async with state.database.transaction() as connection:
        await audit.record(
            connection,
            actor=actor,
            action="task.replayed",
            subject_kind="task",
            subject_id=task_id,
            detail={"identical": answer.identical},
        )
    return answer


async def replay(
    database: Database, publisher: Publisher, registry: ToolRegistry, task_id: UUID
) -> ReplayAnswer:
    """Replay the task. Raises NotFound, WrongState if it has not ended or has nothing to replay."""
    reading = ReadOnlyDatabase(database)
    async with reading.connection() as connection:
        stored = await _load(connection, task_id)
    context = RunContext(reading, publisher, no_gateway(), Failpoints(""))
    run = ReplayRun(
        context=context,
        task=stored.claimed,
        numbering=Numbering(next_id=1, end=0, last_id=0),
        steps={step.step: step for step in stored.steps},
        lease=ToolLease(float("inf")),
        given=_taken_over(stored),
    )
    room = room_of(stored.snapshot, registry, reading)
    executor = PipelineExecutor(memory=no_memory(), room=room)
    end = await _to_the_end(run, executor, stored)
    found = _compare(run, stored, end)
    async with reading.connection() as connection:
        found = [await _explained(connection, run, difference) for difference in found]
    return ReplayAnswer(
        identical=not found,
        status=end.status,
        output=end.output,
        error=end.error,
        differences=found,
        steps_replayed=len(run.used),
        steps_journalled=len(stored.steps),
    )


def _taken_over(stored: Stored) -> int:
    """The last step that a fork has from the task it came of; its own attempts begin with the second."""
    if stored.task.forked_step is None:
        return -1
    return max((row.step for row in stored.steps if row.attempt == FORK_ATTEMPT), default=-1)


async def _load(connection: Connection, task_id: UUID) -> Stored:
    task = await task_service.get_task(connection, task_id)
    if TaskStatus(task.status) not in TERMINAL_STATUSES:
        raise WrongState("The task has not ended; only an ended one can be replayed.")
    claimed = await lease_queries.as_claimed(connection, task_id)
    if claimed is None:
        raise WrongState("The task ended before it began: there is nothing to replay.")
    snapshot = await snapshots.find(connection, claimed.snapshot)
    if snapshot is None:
        text = "The task does not tell what it began with; it is of an earlier version of Nova."
        raise WrongState(text, code="no_snapshot")
    # Nothing in a replay takes time that an agent's limit was meant for.
    agents = [replace(agent, timeout_seconds=_STAGES_TIMEOUT_SECONDS) for agent in snapshot.agents]
    rows = await pipeline_queries.list_stages(connection, task_id)
    return Stored(
        task=task,
        claimed=claimed,
        snapshot=replace(snapshot, agents=agents),
        steps=await journal_queries.load_steps(connection, task_id),
        stages={(row.stage, row.round): row for row in rows},
    )


async def _to_the_end(run: ReplayRun, executor: PipelineExecutor, stored: Stored) -> RunEnd:
    """Run, and where the run asks a person, go on with what was answered then, as it did."""
    said: list[dict[str, Any]] = stored.claimed.checkpoint.get(SAID, [])
    later = {name for answer in said for name in answer["checkpoint"]}
    flags: set[str] = set()
    checkpoint = {
        name: value for name, value in stored.claimed.checkpoint.items() if name not in later
    }
    answers = iter(said)
    while True:
        run.task = replace(stored.claimed, flags=sorted(flags), checkpoint=checkpoint)
        done = {key: stored.stages[key] for key in run.ended if key in stored.stages}
        end = await _once(run, executor, Start(stored.snapshot, done))
        if end.pending is None:
            return end
        answer = _next_answer(answers)
        if answer is None or answer["kind"] != end.pending["kind"]:
            return end
        flags |= set(answer["flags"])
        checkpoint = {**checkpoint, **answer["checkpoint"]}


def _next_answer(answers: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    return next((answer for answer in answers if answer["kind"] in _ASKED_BY_RUN), None)


async def _once(run: ReplayRun, executor: PipelineExecutor, start: Start) -> RunEnd:
    run.record.end = None
    try:
        await executor.execute(run, start)
    except NotJournalled as stopped:
        return RunEnd(_INTERRUPTED, error=_stopped_at(stopped.difference))
    except PersonNeeded as need:
        return RunEnd(need.status, pending=need.pending)
    except TaskSuspended as suspended:
        return run.record.end or RunEnd(str(suspended))
    except RunEnded as error:
        return RunEnd(TaskStatus.FAILED, error=str(error))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # Nova wrote what it can read: somebody else has been at the journal.
        what = f"The journal can't be read after step {run.latest}: {type(error).__name__}: {error}"
        run.differences.append(
            ReplayDifference(stage=None, step=run.latest, kind="task", name=None, what=what)
        )
        return RunEnd(_INTERRUPTED, error=what)
    return run.record.end or RunEnd(_INTERRUPTED)


def _stopped_at(difference: ReplayDifference) -> str:
    return f"{difference.stage}, step {difference.step}: {difference.what}"


def _compare(run: ReplayRun, stored: Stored, end: RunEnd) -> list[ReplayDifference]:
    task = stored.task
    by_itself = end.status in {TaskStatus.COMPLETE, TaskStatus.FAILED}
    # Somebody ended it where the replay would go on; up to there they are compared.
    cut_short = task.status == TaskStatus.CANCELLED or (
        task.status == TaskStatus.FAILED
        and (
            not by_itself
            or task.dead_lettered_at is not None
            or TIME_LIMIT in stored.claimed.checkpoint
        )
    )
    found = list(run.differences)
    if not cut_short:
        found += _ends_differ(task, end)
    stages = stages_that_differ(run.record, stored.stages)
    if cut_short:
        stages = [one for one in stages if _had_ended(stored, one.stage)]
    return found + stages + calls_not_made(stored.steps, run.used, _passed_over(stored))


def _had_ended(stored: Stored, stage: str | None) -> bool:
    rows = [row for (key, _), row in stored.stages.items() if key == stage]
    return bool(rows) and all(row.status != "running" for row in rows)


def _ends_differ(task: TaskRow, end: RunEnd) -> list[ReplayDifference]:
    before = {"status": task.status, "output": task.output, "error": task.error}
    now = {"status": str(end.status), "output": end.output, "error": end.error}
    place = first_difference(before, now)
    if place is None:
        return []
    what = f"The task's end differs: {place}"
    return [ReplayDifference(stage=None, step=None, kind="task", name=None, what=what)]


def _passed_over(stored: Stored) -> set[int]:
    """Calls of attempts whose time was up: how far those came, no replay can tell."""
    passed: set[int] = set()
    for row in stored.steps:
        place = place_of(row.step)
        if timed_out(row.stage, place.round, place.attempt) in stored.claimed.checkpoint:
            passed.add(row.step)
    return passed


async def _explained(
    connection: Connection, run: ReplayRun, difference: ReplayDifference
) -> ReplayDifference:
    """With the place in the request that differs, for the first few."""
    if difference.step not in list(run.asked)[:_MOST_EXPLAINED]:
        return difference
    journalled = await queries.request(connection, run.task.id, step=difference.step)
    place = first_difference(journalled, run.asked[difference.step])
    return difference.model_copy(update={"what": f"{difference.what[:-1]}: {place}"})
