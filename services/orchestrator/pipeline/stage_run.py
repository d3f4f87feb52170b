"""Runs one stage of a pipeline task: begin, the agent's loop, its typed result, what follows."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from pydantic import BaseModel

from contracts.chat import Message
from contracts.events import ArtifactEvent, FindingEvent, StageEvent, VerdictEvent
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.db import Connection
from services.orchestrator.engine.agent_loop import (
    AgentAnswer,
    AgentSettings,
    StepCounter,
    run_agent,
)
from services.orchestrator.engine.errors import StageFailed
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline import queries
from services.orchestrator.pipeline.prompts import repair_message, stage_messages
from services.orchestrator.pipeline.remembering import remember
from services.orchestrator.pipeline.replies import UnusableReply, parse_reply
from services.orchestrator.pipeline.stage import Consequences, Progress, Role, RoleResult
from services.orchestrator.pods.agents.queries import PodAgentRow
from services.orchestrator.pods.queries import PodRow
from services.orchestrator.tools.context import SandboxTier

_TOOL_ROUNDS = 10
# Round, position and attempt in one number, which numbers the steps: a resumed task finds those of
# each attempt apart. A position is a 32-bit integer; retries are at most 20.
_POSITIONS_PER_ROUND = 2**31
_ATTEMPTS_PER_STAGE = 100


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One agent of the pod with its role; `key` names the stage within the task."""

    key: str
    role: Role[Any]
    agent: PodAgentRow


@dataclass(frozen=True, slots=True)
class StageRunner:
    """What the stages of one task have in common."""

    run: TaskRun
    pod: PodRow
    progress: Progress
    room: ToolRoom
    memory: MemoryServiceClient

    async def execute(self, spec: StageSpec, *, began_before: bool) -> Consequences:
        """Run the stage to its stored end. Raises StageFailed when its retries are used up."""
        await self._begin(spec, began_before=began_before)
        failure = StageFailed("not tried")
        for attempt in range(spec.agent.max_retries + 1):
            steps = StepCounter(stage=spec.key, ordinal=self._ordinal(spec, attempt))
            try:
                answer, result = await self._attempt(spec, attempt, steps)
            except StageFailed as error:
                failure = error
                continue
            consequences = spec.role.consequences(result)
            await remember(self.run, self.memory, contents=consequences.memories, steps=steps)
            await self._finish(spec, answer, result, consequences)
            return consequences
        raise failure

    async def store_failure(self, spec: StageSpec, *, status: str, error: str) -> None:
        """Write that the stage was skipped or has failed."""

        async def work(connection: Connection) -> None:
            await queries.end_stage(
                connection,
                self.run.task.id,
                stage=spec.key,
                round_number=self.progress.round,
                role=spec.role.name,
                position=spec.agent.position,
                status=status,
                error=error,
            )

        event = StageEvent(
            stage=spec.key,
            status="skipped" if status == "skipped" else "failed",
            round=self.progress.round,
            detail=error,
        )
        await self.run.write(work, [event])

    async def _begin(self, spec: StageSpec, *, began_before: bool) -> None:
        async def work(connection: Connection) -> None:
            await queries.begin_stage(
                connection,
                self.run.task.id,
                stage=spec.key,
                round_number=self.progress.round,
                role=spec.role.name,
                position=spec.agent.position,
                status=spec.role.status.value,
            )

        event = StageEvent(stage=spec.key, status="started", round=self.progress.round)
        await self.run.write(work, [] if began_before else [event])
        self.run.context.failpoints.reach(f"stage-begun-{spec.key}")

    def _ordinal(self, spec: StageSpec, attempt: int) -> int:
        place = self.progress.round * _POSITIONS_PER_ROUND + spec.agent.position
        return place * _ATTEMPTS_PER_STAGE + attempt

    async def _attempt(
        self, spec: StageSpec, attempt: int, steps: StepCounter
    ) -> tuple[AgentAnswer, RoleResult]:
        # How far an attempt came before its time was up can't be replayed: that it was up, is kept.
        mark = f"timed_out {spec.key} {self.progress.round} {attempt}"
        if (reason := self.run.task.checkpoint.get(mark)) is not None:
            raise StageFailed(reason)
        try:
            async with asyncio.timeout(spec.agent.timeout_seconds):
                return await self._ask(spec, steps)
        except TimeoutError as error:
            reason = f"no result within {spec.agent.timeout_seconds} s"
            await self.run.abandon_steps(spec.key, reason=reason)
            await self._keep(mark, reason)
            self.run.context.failpoints.reach(f"stage-timed-out-{spec.key}")
            raise StageFailed(reason) from error

    async def _keep(self, mark: str, text: str) -> None:
        async def work(connection: Connection) -> None:
            await queries.add_to_checkpoint(connection, self.run.task.id, name=mark, text=text)

        await self.run.write(work)

    async def _ask(self, spec: StageSpec, steps: StepCounter) -> tuple[AgentAnswer, RoleResult]:
        settings = self._settings(spec)
        agent_id = self.run.task.agent_id
        box = None
        if agent_id is not None:
            box = self.room.box(
                self.run,
                agent_id=agent_id,
                allowed=spec.agent.allowed_tools,
                tier=SandboxTier(self.pod.sandbox),
                asks_person=True,
            )
        messages = stage_messages(spec.role, spec.agent, self.progress)
        answer = await run_agent(self.run, settings, messages=messages, box=box, steps=steps)
        try:
            return answer, parse_reply(spec.role, answer.content)
        except UnusableReply as error:
            again = [
                *answer.messages,
                Message(role="assistant", content=answer.content),
                repair_message(str(error)),
            ]
        repaired = await run_agent(self.run, settings, messages=again, box=None, steps=steps)
        try:
            return repaired, parse_reply(spec.role, repaired.content)
        except UnusableReply as error:
            raise StageFailed(f"the reply is not what was asked for: {error}") from error

    def _settings(self, spec: StageSpec) -> AgentSettings:
        override = self.run.task.metadata.get("model_override")
        model = str(override) if override else spec.agent.model or self.pod.default_model
        return AgentSettings(
            models=[model, *spec.agent.fallback_models],
            temperature=spec.agent.temperature,
            max_tokens=spec.agent.max_tokens,
            rounds=_TOOL_ROUNDS,
            live=spec.role.live and spec.agent.parallel_group is None,
            response_format=spec.role.response_format(),
            metadata=self._budgets(),
        )

    def _budgets(self) -> dict[str, Any]:
        if self.pod.max_cost_usd is None:
            return {}
        budget = {
            "scope": "task",
            "id": str(self.run.task.id),
            "limit_usd": self.pod.max_cost_usd,
        }
        return {"budgets": [budget]}

    async def _finish(
        self, spec: StageSpec, answer: AgentAnswer, result: RoleResult, follows: Consequences
    ) -> None:
        round_number = self.progress.round
        self.progress.results[spec.role.name] = result.model_dump(mode="json")
        self.progress.flags |= follows.flags
        flags = sorted(self.progress.flags)

        async def work(connection: Connection) -> None:
            await queries.end_stage(
                connection,
                self.run.task.id,
                stage=spec.key,
                round_number=round_number,
                role=spec.role.name,
                position=spec.agent.position,
                status="completed",
                model=answer.model,
                output=result.model_dump(mode="json"),
                tokens=(answer.input_tokens, answer.output_tokens),
                cost_usd=answer.cost_usd,
            )
            await queries.set_flags(connection, self.run.task.id, flags=flags)
            await self._store(connection, spec, round_number, follows)

        await self.run.write(work, self._events(spec, follows))
        self.run.context.failpoints.reach(f"stage-ended-{spec.key}")

    async def _store(
        self, connection: Connection, spec: StageSpec, round_number: int, follows: Consequences
    ) -> None:
        for index, finding in enumerate(follows.findings):
            await queries.insert_finding(
                connection,
                self._id(spec, f"finding {round_number} {index}"),
                task_id=self.run.task.id,
                stage=spec.key,
                category=finding.category,
                severity=finding.severity,
                title=finding.title,
                evidence=finding.evidence,
                scanner=finding.scanner,
            )
        for index, artifact in enumerate(follows.artifacts):
            await queries.insert_artifact(
                connection,
                self._id(spec, f"artifact {round_number} {index}"),
                task_id=self.run.task.id,
                stage=spec.key,
                kind=artifact.kind,
                name=artifact.name,
                content=artifact.content,
                sha256=artifact.sha256,
            )
        if follows.review is not None:
            await queries.insert_review(
                connection,
                self._id(spec, f"review {round_number}"),
                task_id=self.run.task.id,
                round_number=round_number,
                verdict=follows.review.verdict,
                summary=follows.review.summary,
                issues=follows.review.issues,
            )

    def _events(self, spec: StageSpec, follows: Consequences) -> list[BaseModel]:
        round_number = self.progress.round
        events: list[BaseModel] = [
            FindingEvent(category=found.category, severity=found.severity, title=found.title)
            for found in follows.findings
        ]
        events += [
            ArtifactEvent(
                id=self._id(spec, f"artifact {round_number} {index}"),
                kind=artifact.kind,
                name=artifact.name,
            )
            for index, artifact in enumerate(follows.artifacts)
        ]
        if follows.verdict is not None:
            verdict, summary = follows.verdict
            events.append(VerdictEvent(stage=spec.key, verdict=verdict, summary=summary))
        events.append(StageEvent(stage=spec.key, status="completed", round=round_number))
        return events

    def _id(self, spec: StageSpec, what: str) -> Any:
        # The same for every try of the commit, so that a second one stores nothing twice.
        return uuid5(self.run.task.id, f"{spec.key} {what}")
