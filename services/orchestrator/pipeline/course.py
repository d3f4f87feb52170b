"""The course of a pipeline task: stages in order, side by side, the review loop, the gates, the end."""

import asyncio
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.kit.ids import new_id
from services.orchestrator.engine.ending import service as ending
from services.orchestrator.engine.errors import (
    LinksAwaited,
    PersonNeeded,
    StageFailed,
    TaskFailed,
)
from services.orchestrator.pipeline import gates, queries
from services.orchestrator.pipeline.stage import Consequences, StageSpec
from services.orchestrator.pipeline.stage_run import StageRunner
from services.orchestrator.pods.conditions import holds

_MOST_ROUNDS = 3


@dataclass
class Course:
    """One run through the stages; what is done already is passed over."""

    runner: StageRunner
    stages: list[StageSpec]
    done: dict[tuple[str, int], queries.StageRow]

    async def execute(self) -> None:
        try:
            await self._execute()
        except PersonNeeded as need:
            need.flags = sorted(self.runner.progress.flags)
            raise

    async def _execute(self) -> None:
        groups = grouped(self.stages)
        index = 0
        while index < len(groups):
            group = groups[index]
            if gates.is_afterwards(group[0]):
                await gates.pass_or_end(self.runner)
            again = await self._run_group(group)
            index = first_of_role(groups, "task", default=index) if again else index + 1
        await gates.pass_or_end(self.runner)
        await ending.complete(self.runner.run, gates.output_of(self.runner.progress))

    async def _run_group(self, group: list[StageSpec]) -> bool:
        """Run the stages; whether the work has to be done again, in a new round."""
        if len(group) == 1:
            await self._run_stage(group[0])
        else:
            # One that is cut off by an error of another would leave its calls open.
            ended = await asyncio.gather(
                *(self._run_stage(spec) for spec in group), return_exceptions=True
            )
            errors = [error for error in ended if isinstance(error, BaseException)]
            if errors:
                # Waiting is worth while only if the task can go on after it.
                raise min(errors, key=lambda error: isinstance(error, PersonNeeded | LinksAwaited))
        progress = self.runner.progress
        if group[0].role.name != "code_review" or not gates.needs_refactor(progress):
            return False
        if progress.round >= _MOST_ROUNDS:
            progress.flags.add(gates.REVIEW_REJECTED)
            return False
        progress.round += 1
        progress.flags -= gates.JUDGED
        return True

    async def _run_stage(self, spec: StageSpec) -> None:
        progress = self.runner.progress
        if progress.round > 1 and spec.role.name == "context":
            return
        row = self.done.get((spec.key, progress.round))
        if row is not None and row.status != "running":
            self._take_over(spec, row)
            return
        if not holds(spec.agent.run_condition, flags=progress.flags, tags=progress.tags):
            await self.runner.records.store_failure(
                spec, status="skipped", error="its condition does not hold"
            )
            self._forget_judgement(spec)
            return
        try:
            consequences = await self.runner.execute(spec, began_before=row is not None)
        except StageFailed as error:
            await self._after_failure(spec, error)
        else:
            self._ask_person(consequences)

    def _take_over(self, spec: StageSpec, row: queries.StageRow) -> None:
        """What an earlier attempt at the task has stored, with all that follows from it."""
        progress = self.runner.progress
        if row.status == "failed":
            self._follow_failure(spec, row.error or "")
        elif row.output is None:
            self._forget_judgement(spec)
        else:
            progress.results[spec.role.name] = row.output
            consequences = spec.role.consequences(spec.role.result.model_validate(row.output))
            progress.flags |= consequences.flags
            self._ask_person(consequences)

    async def _after_failure(self, spec: StageSpec, error: StageFailed) -> None:
        await self.runner.records.store_failure(spec, status="failed", error=str(error))
        self._follow_failure(spec, str(error))

    def _follow_failure(self, spec: StageSpec, error: str) -> None:
        self._forget_judgement(spec)
        match spec.agent.on_failure:
            case "abort":
                raise TaskFailed(f"{spec.key}: {error}")
            case "escalate":
                self.runner.progress.flags.add(gates.ESCALATED)
            case "skip":
                pass

    def _forget_judgement(self, spec: StageSpec) -> None:
        """What a judge said of an earlier round's work does not hold for this round's."""
        if spec.role.name in gates.JUDGES:
            self.runner.progress.results.pop(spec.role.name, None)

    def _ask_person(self, consequences: Consequences) -> None:
        progress = self.runner.progress
        if not consequences.questions or gates.CLARIFIED in progress.flags:
            return
        pending: dict[str, Any] = {
            "id": str(new_id()),
            "kind": "clarification",
            "prompt": "\n".join(consequences.questions),
            "options": [],
        }
        raise PersonNeeded(status="clarification_needed", pending=pending)


def grouped(stages: list[StageSpec]) -> list[list[StageSpec]]:
    """Neighbours of one parallel group together, every other stage alone."""
    groups: list[list[StageSpec]] = []
    for name, members in groupby(stages, key=lambda spec: spec.agent.parallel_group):
        group = list(members)
        groups.extend([group] if name is not None else [[spec] for spec in group])
    return groups


def first_of_role(groups: list[list[StageSpec]], role: str, *, default: int) -> int:
    for index, group in enumerate(groups):
        if group[0].role.name == role:
            return index
    return default
