"""The course of a pipeline task: stages in order, side by side, the review loop, the gates, the end."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
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
from services.orchestrator.pipeline.checkpoint import CLARIFIED_STAGES
from services.orchestrator.pipeline.gitwork.work import GitWork
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.stage import StageSpec
from services.orchestrator.pipeline.stage_run import StageRunner
from services.orchestrator.pods.conditions import holds

_MOST_ROUNDS = 3


@dataclass
class Course:
    """One run through the stages; what is done already is passed over."""

    runner: StageRunner
    stages: list[StageSpec]
    done: dict[tuple[str, int], queries.StageRow]
    git: GitWork | None = None

    async def execute(self) -> None:
        try:
            await self._execute()
        except PersonNeeded as need:
            need.flags = sorted(self.runner.progress.flags)
            raise
        except TaskFailed:
            # Why the changes can't be kept, the journal tells; the task's error stays its own.
            with suppress(TaskFailed):
                await self._keep_changes()
                if self.git is not None:
                    await self.git.remove_folder()
            raise

    async def _keep_changes(self) -> None:
        if self.git is not None:
            await self.git.keep(self._summary())

    def _summary(self) -> str:
        return gates.output_of(self.runner.progress) or self.runner.progress.request

    async def _pass_gates(self) -> None:
        """The changes are kept first: a person may look at them, and may reject them."""
        await self._keep_changes()
        await gates.pass_or_end(self.runner)

    async def _execute(self) -> None:
        groups = grouped(self.stages)
        index = 0
        while index < len(groups):
            group = groups[index]
            if any(gates.is_afterwards(spec) for spec in group):
                await self._pass_gates()
            await self._run_group(group)
            await self._show_changes(group)
            again = self._begin_new_round(group)
            index = first_of_role(groups, "task", default=index) if again else index + 1
        await self._pass_gates()
        if self.git is not None:
            await self.git.merge(self._summary())
        await ending.complete(self.runner.run, gates.output_of(self.runner.progress))

    async def _run_group(self, group: list[StageSpec]) -> None:
        before = self.runner.progress.frozen()
        if len(group) == 1:
            questions = {group[0].key: await self._run_stage(group[0], before)}
        else:
            # One that is cut off by an error of another would leave its calls open.
            ended = await asyncio.gather(
                *(self._run_stage(spec, before) for spec in group), return_exceptions=True
            )
            errors = [error for error in ended if isinstance(error, BaseException)]
            if errors:
                # Waiting is worth while only if the task can go on after it.
                raise min(errors, key=lambda error: isinstance(error, PersonNeeded | LinksAwaited))
            found = [asked for asked in ended if not isinstance(asked, BaseException)]
            questions = {spec.key: asked for spec, asked in zip(group, found, strict=True)}
        self._ask_person(questions)

    async def _show_changes(self, group: list[StageSpec]) -> None:
        """After work was done in the task's own repository, what it has changed."""
        worked = [spec.agent.position for spec in group if spec.role.name == "task"]
        if self.git is None or not worked:
            return
        progress = self.runner.progress
        progress.changes = await self.git.show(
            self._summary(), round_number=progress.round, position=max(worked)
        )

    def _begin_new_round(self, group: list[StageSpec]) -> bool:
        """Whether the work has to be done again, after what the group's reviewers have said."""
        progress = self.runner.progress
        reviewed = any(spec.role.name == "code_review" for spec in group)
        if not reviewed or not gates.needs_refactor(progress):
            return False
        if progress.round >= _MOST_ROUNDS:
            progress.flags.add(gates.REVIEW_REJECTED)
            return False
        progress.round += 1
        progress.flags -= gates.JUDGED
        progress.escalations.clear()
        return True

    async def _run_stage(self, spec: StageSpec, before: Progress) -> Sequence[str]:
        """Run the stage, or take over what there is of it; what it wants to ask a person.

        It sees and depends on nothing but what was there `before` its group, so that a resumed
        task, in which parts of the group are done already, does the same.
        """
        if before.round > 1 and spec.role.name == "context":
            return ()
        row = self.done.get((spec.key, before.round))
        if row is not None and row.status != "running":
            return self._take_over(spec, row)
        if not holds(spec.agent.run_condition, flags=before.flags, tags=before.tags):
            await self.runner.records.skip(spec)
            return ()
        try:
            consequences = await self.runner.execute(spec, before, began_before=row is not None)
        except StageFailed as error:
            self._follow_failure(spec, str(error))
            return ()
        return consequences.questions

    def _take_over(self, spec: StageSpec, row: queries.StageRow) -> Sequence[str]:
        """What an earlier attempt at the task has stored, with all that follows from it."""
        if row.status == "failed":
            self._follow_failure(spec, row.error or "")
        if row.output is None:
            return ()
        self.runner.progress.add(spec, row.output)
        consequences = spec.role.consequences(spec.role.result.model_validate(row.output))
        self.runner.progress.flags |= consequences.flags
        return consequences.questions

    def _follow_failure(self, spec: StageSpec, error: str) -> None:
        match spec.agent.on_failure:
            case "abort":
                raise TaskFailed(f"{spec.key}: {error}")
            case "escalate":
                self.runner.progress.flags.add(gates.ESCALATED)
                self.runner.progress.escalations[spec.key] = error
            case "skip":
                pass

    def _ask_person(self, questions: Mapping[str, Sequence[str]]) -> None:
        """Raise PersonNeeded if one of the stages has questions that were not answered yet."""
        answered = self.runner.run.task.checkpoint.get(CLARIFIED_STAGES, [])
        asking = [key for key in questions if questions[key] and key not in answered]
        if not asking:
            return
        pending: dict[str, Any] = {
            "id": str(new_id()),
            "kind": "clarification",
            "prompt": "\n".join(question for key in asking for question in questions[key]),
            "options": [],
            "stages": asking,
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
        if any(spec.role.name == role for spec in group):
            return index
    return default
