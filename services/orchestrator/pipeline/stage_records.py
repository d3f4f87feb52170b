"""What a stage writes of itself: that it runs, how it has ended, and all that follows from its result."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from contracts.events import ArtifactEvent, FindingEvent, StageEvent, VerdictEvent
from services.orchestrator.engine.agent_loop import AgentAnswer
from services.orchestrator.engine.record import StageEnd
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.pipeline import queries
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.queries import StageResult
from services.orchestrator.pipeline.stage import Consequences, RoleResult, StageSpec


@dataclass(frozen=True, slots=True)
class StageRecords:
    run: TaskRun
    progress: Progress

    async def store_failure(self, spec: StageSpec, *, status: str, error: str) -> None:
        """Write that the stage was skipped or has failed."""
        change = queries.end_stage(
            stage=spec.key,
            round_number=self.progress.round,
            role=spec.role.name,
            position=spec.agent.position,
            status=status,
            end=StageResult(error=error),
        )
        self.run.record.stages[spec.key, self.progress.round] = StageEnd(status, error=error)
        event = StageEvent(
            stage=spec.key,
            status="skipped" if status == "skipped" else "failed",
            round=self.progress.round,
            detail=error,
        )
        await self.run.put(change, [event])

    async def begin(self, spec: StageSpec, *, began_before: bool) -> None:
        change = queries.begin_stage(
            stage=spec.key,
            round_number=self.progress.round,
            role=spec.role.name,
            position=spec.agent.position,
            status=spec.role.status.value,
        )
        event = StageEvent(stage=spec.key, status="started", round=self.progress.round)
        await self.run.put(change, [] if began_before else [event])
        self.run.context.failpoints.reach(f"stage-begun-{spec.key}")

    async def finish(
        self, spec: StageSpec, answer: AgentAnswer, result: RoleResult, follows: Consequences
    ) -> None:
        round_number = self.progress.round
        output = result.model_dump(mode="json")
        self.progress.add(spec, output)
        self.progress.flags |= follows.flags
        self.run.record.stages[spec.key, round_number] = StageEnd("completed", output)
        change = queries.end_stage(
            stage=spec.key,
            round_number=round_number,
            role=spec.role.name,
            position=spec.agent.position,
            status="completed",
            end=StageResult(
                model=answer.model,
                output=output,
                input_tokens=answer.input_tokens,
                output_tokens=answer.output_tokens,
                cost_usd=answer.cost_usd,
                flags=sorted(self.progress.flags),
                findings=self._findings(spec, follows),
                reviews=self._reviews(spec, follows),
                artifacts=self._artifacts(spec, follows),
            ),
        )
        await self.run.put(change, self._events(spec, follows))
        self.run.context.failpoints.reach(f"stage-ended-{spec.key}")

    def _findings(self, spec: StageSpec, follows: Consequences) -> list[dict[str, Any]]:
        return [
            {"id": str(self._id(spec, "finding", index)), **asdict(finding)}
            for index, finding in enumerate(follows.findings)
        ]

    def _reviews(self, spec: StageSpec, follows: Consequences) -> list[dict[str, Any]]:
        if follows.review is None:
            return []
        return [{"id": str(self._id(spec, "review")), **asdict(follows.review)}]

    def _artifacts(self, spec: StageSpec, follows: Consequences) -> list[dict[str, Any]]:
        return [
            {
                "id": str(self._id(spec, "artifact", index)),
                **asdict(artifact),
                "sha256": artifact.sha256,
            }
            for index, artifact in enumerate(follows.artifacts)
        ]

    def _events(self, spec: StageSpec, follows: Consequences) -> list[BaseModel]:
        round_number = self.progress.round
        events: list[BaseModel] = [
            FindingEvent(category=found.category, severity=found.severity, title=found.title)
            for found in follows.findings
        ]
        events += [
            ArtifactEvent(
                id=self._id(spec, "artifact", index),
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

    def _id(self, spec: StageSpec, kind: str, *index: int) -> UUID:
        # The same for every try of the commit, so that a second one stores nothing twice.
        return uuid5(
            self.run.task.id, " ".join(map(str, (spec.key, kind, self.progress.round, *index)))
        )
