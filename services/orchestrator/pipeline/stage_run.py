"""Runs one stage of a pipeline task: begin, the agent's loop, its typed result, what follows."""

import asyncio
from dataclasses import dataclass, replace

from contracts.chat import Message
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.db import Connection
from services.orchestrator.engine.agent_loop import (
    AgentAnswer,
    AgentSettings,
    StepCounter,
    run_agent,
)
from services.orchestrator.engine.errors import LoopDetected, StageFailed
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline import queries
from services.orchestrator.pipeline.artifacts import with_artifacts
from services.orchestrator.pipeline.checkpoint import timed_out
from services.orchestrator.pipeline.places import StagePlace
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.prompts import repair_message, stage_messages
from services.orchestrator.pipeline.remembering import remember
from services.orchestrator.pipeline.replies import UnusableReply, parse_reply
from services.orchestrator.pipeline.result_schemas import result_schema
from services.orchestrator.pipeline.scanning.stage_scan import (
    StageScan,
    scan_stage,
    without_secrets,
)
from services.orchestrator.pipeline.stage import Consequences, FindingRecord, RoleResult, StageSpec
from services.orchestrator.pipeline.stage_records import StageRecords
from services.orchestrator.pods.queries import PodRow
from services.orchestrator.policy.model import Policy, Subject
from services.orchestrator.policy.prompts import note_left_out, rules_to_judge_by, rules_to_obey
from services.orchestrator.skills.rendering import render_skills
from services.orchestrator.tools.context import SandboxTier

_TOOL_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class StageRunner:
    """What the stages of one task have in common."""

    run: TaskRun
    pod: PodRow
    progress: Progress
    room: ToolRoom
    memory: MemoryServiceClient
    policy: Policy

    @property
    def records(self) -> StageRecords:
        return StageRecords(self.run, self.progress)

    async def execute(self, spec: StageSpec, seen: Progress, *, began_before: bool) -> Consequences:
        """Run the stage, which sees `seen`, to its stored end.

        Raises StageFailed, with the failure stored, when its retries are used up.
        """
        first = self._steps(spec, 0)
        scan = await self._scan(spec, seen, steps=first)
        await self.records.begin(spec, began_before=began_before, scan=scan)
        if scan is not None:
            seen = replace(seen, scanned=scan.findings)
        try:
            return await self._try(spec, seen, scan=scan, first=first)
        except StageFailed as error:
            left = None
            if scan is not None and spec.role.after_scan is not None:
                left = spec.role.after_scan(None, scan.findings)
            await self.records.fail(spec, str(error), left=left, found=_loop_of(error))
            raise

    async def _try(
        self, spec: StageSpec, seen: Progress, *, scan: StageScan | None, first: StepCounter
    ) -> Consequences:
        failure = StageFailed("not tried")
        for attempt in range(spec.agent.max_retries + 1):
            steps = self._steps(spec, attempt) if attempt else first
            try:
                answer, result = await self._attempt(spec, seen, attempt=attempt, steps=steps)
            except LoopDetected:
                raise  # another try would go in the same circle
            except StageFailed as error:
                failure = error
                continue
            if scan is not None and spec.role.after_scan is not None:
                result = spec.role.after_scan(result, scan.findings)
            consequences = with_artifacts(spec, result, spec.role.consequences(result))
            await remember(
                self.run,
                self.memory,
                contents=consequences.memories,
                recalled=seen.memories,
                steps=steps,
            )
            await self.records.finish(spec, answer, result, consequences)
            return consequences
        raise failure

    def _steps(self, spec: StageSpec, attempt: int) -> StepCounter:
        place = StagePlace(self.progress.round, spec.agent.position, attempt)
        return StepCounter(stage=spec.key, ordinal=place.ordinal)

    async def _scan(
        self, spec: StageSpec, seen: Progress, *, steps: StepCounter
    ) -> StageScan | None:
        if spec.role.after_scan is None:
            return None
        tier = SandboxTier(self.pod.sandbox)
        return await scan_stage(self.run, steps.next(), room=self.room, seen=seen, tier=tier)

    async def _attempt(
        self, spec: StageSpec, seen: Progress, *, attempt: int, steps: StepCounter
    ) -> tuple[AgentAnswer, RoleResult]:
        # How far an attempt came before its time was up can't be replayed: that it was up, is kept.
        mark = timed_out(spec.key, self.progress.round, attempt)
        if (reason := self.run.task.checkpoint.get(mark)) is not None:
            raise StageFailed(reason)
        try:
            async with asyncio.timeout(spec.agent.timeout_seconds):
                return await self._ask(spec, seen, steps=steps)
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

    async def _ask(
        self, spec: StageSpec, seen: Progress, *, steps: StepCounter
    ) -> tuple[AgentAnswer, RoleResult]:
        settings = self._settings(spec)
        agent_id = self.run.task.agent_id
        subject = Subject(agent_id=spec.agent.id, pod_id=self.pod.id)
        box = None
        if agent_id is not None:
            box = self.room.box(
                self.run,
                agent_id=agent_id,
                allowed=spec.agent.allowed_tools,
                tier=SandboxTier(self.pod.sandbox),
                subject=subject,
                asks_person=True,
            )
        told = await self._told(spec, subject)
        messages = stage_messages(spec.role, spec.agent, seen, told=told, plan=settings.plan)
        if not spec.role.sees_secrets:
            shown = await without_secrets(messages[-1].text())
            messages[-1] = Message(role="user", content=shown)
        answer = await run_agent(self.run, settings, messages=messages, box=box, steps=steps)
        schema = None
        if spec.agent.output_schema is not None:
            schema = result_schema(spec.role, spec.agent)
        try:
            return answer, parse_reply(spec.role, answer.content, output_schema=schema)
        except UnusableReply as error:
            again = [
                *answer.messages,
                Message(role="assistant", content=answer.content),
                repair_message(str(error)),
            ]
        repaired = await run_agent(self.run, settings, messages=again, box=None, steps=steps)
        both = replace(
            repaired,
            input_tokens=answer.input_tokens + repaired.input_tokens,
            output_tokens=answer.output_tokens + repaired.output_tokens,
            cost_usd=answer.cost_usd + repaired.cost_usd,
        )
        try:
            return both, parse_reply(spec.role, repaired.content, output_schema=schema)
        except UnusableReply as error:
            raise StageFailed(f"the reply is not what was asked for: {error}") from error

    async def _told(self, spec: StageSpec, subject: Subject) -> list[str]:
        """What the task's policy adds to the system prompt."""
        sources = [self.run.task.metadata, self.pod.metadata]
        skills = render_skills(self.policy.skills_for(subject), sources)
        await note_left_out(self.run, spec.key, skills.left_out)
        rules = self.policy.soft_rules_for(subject)
        parts = [skills.text]
        if spec.role.rules == "obeyed":
            parts.append(rules_to_obey(rules))
        elif spec.role.rules == "judged":
            parts.append(rules_to_judge_by(rules))
        return [part for part in parts if part]

    def models(self, spec: StageSpec) -> list[str]:
        """The stage's models, in the order in which they are tried."""
        override = self.run.task.metadata.get("model_override")
        model = str(override) if override else spec.agent.model or self.pod.default_model
        return [model, *spec.agent.fallback_models]

    def _settings(self, spec: StageSpec) -> AgentSettings:
        models = self.models(spec)
        return AgentSettings(
            models=models,
            plan=self.progress.windows.plan(models, max_tokens=spec.agent.max_tokens),
            temperature=spec.agent.temperature,
            max_tokens=spec.agent.max_tokens,
            rounds=_TOOL_ROUNDS,
            live=spec.role.live and spec.agent.parallel_group is None,
            response_format=spec.role.response_format(result_schema(spec.role, spec.agent)),
        )


def _loop_of(error: StageFailed) -> list[FindingRecord]:
    """The finding of an agent that went in circles."""
    if not isinstance(error, LoopDetected):
        return []
    return [FindingRecord("loop", "medium", "Going in circles", str(error), "loops")]
