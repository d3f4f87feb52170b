"""What a stage writes of itself: that it runs, how it has ended, and all that follows from its result."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel

from contracts.events import ArtifactEvent, FindingEvent, StageEvent, VerdictEvent
from services.orchestrator.engine.agent_loop import AgentAnswer
from services.orchestrator.engine.journal.entries import Entry, JsonDict
from services.orchestrator.engine.record import StageEnd
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.scanning.finding import ScannedFinding
from services.orchestrator.pipeline.scanning.stage_scan import StageScan
from services.orchestrator.pipeline.stage import Consequences, FindingRecord, RoleResult, StageSpec


@dataclass(frozen=True, slots=True)
class StageRecords:
    run: TaskRun
    progress: Progress

    async def skip(self, spec: StageSpec) -> None:
        """Write that the stage has nothing to do."""
        await self._end(spec, status="skipped", error="its condition does not hold", output=None)

    async def fail(
        self,
        spec: StageSpec,
        error: str,
        *,
        left: RoleResult | None,
        found: Sequence[FindingRecord] = (),
    ) -> None:
        """Write that the stage has failed, and what was found in that; `left` is what counts as its
        result all the same.
        """
        output = None
        if left is not None:
            output = left.as_output()
            self.progress.add(spec, output)
            self.progress.flags |= spec.role.consequences(left).flags
        await self._end(spec, status="failed", error=error, output=output, found=found)

    async def _end(
        self,
        spec: StageSpec,
        *,
        status: Literal["skipped", "failed"],
        error: str,
        output: dict[str, Any] | None,
        found: Sequence[FindingRecord] = (),
    ) -> None:
        entry = Entry(
            stages=[self._row(spec, status, output=output, error=error)],
            findings=self._findings(spec, "finding", found),
        )
        self.run.record.stages[spec.key, self.progress.round] = StageEnd(status, output, error)
        event = StageEvent(
            stage=spec.key,
            status=status,
            round=self.progress.round,
            detail=error,
        )
        await self._ended(spec, entry, [*_finding_events(found), event])

    async def begin(
        self, spec: StageSpec, *, began_before: bool, scan: StageScan | None = None
    ) -> None:
        """Write that the stage runs, with what the scanners found before it."""
        step = None if scan is None else scan.step
        found = [] if scan is None or step is None else scan.findings
        entry = Entry(
            begun=[] if step is None else [step],
            stages=[self._row(spec, "running")],
            findings=self._findings(spec, "scan", found),
            status=spec.role.status.value,
            stage=spec.key,
        )
        started = StageEvent(stage=spec.key, status="started", round=self.progress.round)
        events: list[BaseModel] = [] if began_before else [started]
        await self.run.defer(
            entry, [*events, *_finding_events(found)], passed=f"stage-begun-{spec.key}"
        )

    async def finish(
        self, spec: StageSpec, answer: AgentAnswer, result: RoleResult, follows: Consequences
    ) -> None:
        round_number = self.progress.round
        output = result.as_output()
        self.progress.add(spec, output)
        self.progress.flags |= follows.flags
        self.run.record.stages[spec.key, round_number] = StageEnd("completed", output)
        row = self._row(
            spec,
            "completed",
            model=answer.model,
            output=output,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
            cost_usd=answer.cost_usd,
        )
        entry = Entry(
            stages=[row],
            flags=sorted(self.progress.flags),
            findings=self._findings(spec, "finding", follows.findings),
            reviews=self._reviews(spec, follows),
            artifacts=self._artifacts(spec, follows),
        )
        await self._ended(
            spec, entry, self._events(spec, follows), passed=f"stage-ended-{spec.key}"
        )

    async def _ended(
        self,
        spec: StageSpec,
        entry: Entry,
        events: Sequence[BaseModel],
        *,
        passed: str | None = None,
    ) -> None:
        await self.run.defer(entry, events, passed=passed)
        # What comes after a stage of a group waits for the slowest of them.
        if spec.agent.parallel_group is not None:
            await self.run.flush()

    def _row(self, spec: StageSpec, status: str, **columns: object) -> JsonDict:
        return {
            "stage": spec.key,
            "round": self.progress.round,
            "role": spec.role.name,
            "position": spec.agent.position,
            "status": status,
            **columns,
        }

    def _findings(
        self, spec: StageSpec, kind: str, findings: Sequence[FindingRecord | ScannedFinding]
    ) -> list[dict[str, Any]]:
        return [
            {
                "id": str(self._id(spec, kind, index)),
                "stage": spec.key,
                **(finding.model_dump() if isinstance(finding, BaseModel) else asdict(finding)),
            }
            for index, finding in enumerate(findings)
        ]

    def _reviews(self, spec: StageSpec, follows: Consequences) -> list[dict[str, Any]]:
        if follows.review is None:
            return []
        row = {"id": str(self._id(spec, "review")), "round": self.progress.round}
        return [{**row, **asdict(follows.review)}]

    def _artifacts(self, spec: StageSpec, follows: Consequences) -> list[dict[str, Any]]:
        return [
            {
                "id": str(self._id(spec, "artifact", index)),
                "stage": spec.key,
                **asdict(artifact),
                "sha256": artifact.sha256,
            }
            for index, artifact in enumerate(follows.artifacts)
        ]

    def _events(self, spec: StageSpec, follows: Consequences) -> list[BaseModel]:
        round_number = self.progress.round
        events: list[BaseModel] = [*_finding_events(follows.findings)]
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


def _finding_events(findings: Sequence[FindingRecord | ScannedFinding]) -> list[FindingEvent]:
    return [
        FindingEvent(category=found.category, severity=found.severity, title=found.title)
        for found in findings
    ]
