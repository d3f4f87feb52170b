"""What a stage writes of itself: that it runs, how it has ended, and all that follows from its result."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from pydantic import BaseModel

from contracts.events import ArtifactEvent, FindingEvent, StageEvent, VerdictEvent
from services.kit.db import Connection
from services.orchestrator.engine.agent_loop import AgentAnswer
from services.orchestrator.engine.record import StageEnd
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.pipeline import queries
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.stage import Consequences, RoleResult, StageSpec


@dataclass(frozen=True, slots=True)
class StageRecords:
    run: TaskRun
    progress: Progress

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

        self.run.record.stages[spec.key, self.progress.round] = StageEnd(status, error=error)
        event = StageEvent(
            stage=spec.key,
            status="skipped" if status == "skipped" else "failed",
            round=self.progress.round,
            detail=error,
        )
        await self.run.write(work, [event])

    async def begin(self, spec: StageSpec, *, began_before: bool) -> None:
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

    async def finish(
        self, spec: StageSpec, answer: AgentAnswer, result: RoleResult, follows: Consequences
    ) -> None:
        round_number = self.progress.round
        output = result.model_dump(mode="json")
        self.progress.add(spec, output)
        self.progress.flags |= follows.flags
        self.run.record.stages[spec.key, round_number] = StageEnd("completed", output)
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
                output=output,
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
