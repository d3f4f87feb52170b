"""Code Generation tasks in real git repositories, in the real sandbox."""

import asyncio
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.orchestrator.pipeline.gitwork.leftovers import Leftovers
from services.orchestrator.tasks.service import cancel_task
from services.orchestrator.tools.sandbox.report import SandboxReport
from tests.fixtures.engine import ADMIN, ScriptedGateway, calls
from tests.fixtures.git import git
from tests.fixtures.pipeline import Model, PipelineRig, tool_then
from tests.fixtures.replays import assert_identical, fork_and_run, step_of

WRITE = tool_then("write_file", path="made.txt", content="new\n")
NAME = "Käse & Brot.txt"


def shell(command: str) -> Any:
    return tool_then("run_shell", command=command)


@pytest.fixture
def code(pipeline: PipelineRig) -> PipelineRig:
    pipeline.sandbox = SandboxReport(works=True, reason="")
    pipeline.workspace.mkdir(exist_ok=True)
    (pipeline.workspace / "old.txt").write_text("old\n")
    return pipeline


@pytest.fixture
def repository(pipeline: PipelineRig) -> Path:
    """A workspace that is a repository with a branch of its own."""
    pipeline.sandbox = SandboxReport(works=True, reason="")
    folder = pipeline.workspace
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q", "-b", "trunk")
    (folder / "old.txt").write_text("old\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


async def run(rig: PipelineRig, model: Model, **fields: Any) -> Any:
    with ScriptedGateway(model) as gateway:
        return await rig.run(gateway, pod_name="Code Generation", **fields)


def shown_changes(body: dict[str, Any]) -> str:
    """What a request's agent is shown of the changes."""
    found = re.search("<changes>\n(.*)\n</changes>", body["messages"][-1]["content"], re.DOTALL)
    return found.group(1) if found else ""


class Reviewer:
    """Says the verdicts in order, and keeps what it was shown."""

    def __init__(self, *verdicts: str) -> None:
        self._verdicts = iter(verdicts)
        self.shown: list[str] = []

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        self.shown.append(shown_changes(body))
        return {"verdict": next(self._verdicts)}


def write_in_turn(*contents: str) -> Any:
    """A worker that writes the next of the contents in each round."""
    left = iter(contents)

    def work(body: dict[str, Any]) -> Any:
        if [message for message in body["messages"] if message["role"] == "tool"]:
            return {"output": "done"}
        return calls("write_file", path="made.txt", content=next(left))

    return work


async def changes(rig: PipelineRig, task_id: Any) -> list[Any]:
    return await rig.rig.sql(
        "SELECT name, content FROM artifacts WHERE task_id = $1 AND kind = 'changes'", task_id
    )


class TestMerging:
    async def test_work_that_passes_is_committed_and_merged(self, code: PipelineRig) -> None:
        model = Model(task=tool_then("write_file", path=f"a b/{NAME}", content="new\n"))
        task = await run(code, model)
        assert task.status == "complete", task.error
        assert (code.workspace / "a b" / NAME).read_text() == "new\n"
        assert git(code.workspace, "status", "--porcelain") == ""
        assert f"Nova-Task: {task.id}" in git(code.workspace, "log", "-1", "--format=%B")
        (artifact,) = await changes(code, task.id)
        assert artifact["name"] == f"nova/{task.id}"
        assert NAME in artifact["content"]
        assert "+new" in artifact["content"]
        assert not (code.workspace / ".nova-worktrees" / str(task.id)).exists()
        await assert_identical(code, task)

    async def test_a_branch_of_the_workspace_s_own_is_merged_into(
        self, pipeline: PipelineRig, repository: Path
    ) -> None:
        (repository / "notes.txt").write_text("a person's, not committed\n")
        again = {"verdict": "needs_refactor"}
        model = Model(task=WRITE, code_review=[again, again, {"verdict": "pass"}])
        task = await run(pipeline, model)
        assert task.status == "complete", task.error
        assert git(repository, "branch", "--show-current") == "trunk"
        branches = git(repository, "branch", "--format=%(refname:short)").split()
        assert branches == [f"nova/{task.id}", "trunk"]
        assert (repository / "made.txt").exists()
        assert git(repository, "status", "--porcelain") == "?? notes.txt"

    async def test_two_at_once(self, pipeline: PipelineRig, repository: Path) -> None:
        def write(body: dict[str, Any]) -> Any:
            name = "one" if "number one" in str(body["messages"]) else "two"
            return tool_then("write_file", path=f"{name}.txt", content=name)(body)

        first = await pipeline.submit("number one", pod_name="Code Generation")
        second = await pipeline.submit("number two", pod_name="Code Generation")
        with ScriptedGateway(Model(task=write)) as gateway:
            await pipeline.engine(gateway).on_wake()
            ended = [await pipeline.settled(task_id) for task_id in (first, second)]
        assert [task.status for task in ended] == ["complete", "complete"]
        assert (repository / "one.txt").exists()
        assert (repository / "two.txt").exists()


class TestReviewing:
    """Code Review, and Decision, are shown what would be merged."""

    async def test_each_round_shows_its_own_changes(self, code: PipelineRig) -> None:
        reviewer = Reviewer("needs_refactor", "pass")
        model = Model(task=write_in_turn("bad\n", "good\n"), code_review=[reviewer])
        task = await run(code, model)
        assert task.status == "complete", task.error
        first, second = reviewer.shown
        assert "+bad" in first
        assert "+good" in second
        assert "+bad" not in second
        assert [step["name"] for step in await code.steps(task.id, "tool")].count(
            "git_changes"
        ) == 2
        await assert_identical(code, task)

    async def test_decision_sees_them_too(self, code: PipelineRig) -> None:
        seen: list[str] = []

        def decide(body: dict[str, Any]) -> dict[str, Any]:
            seen.append(shown_changes(body))
            return {"decision": "proceed", "title": "Go"}

        model = Model(task=WRITE, guardrail={"blocked": True}, code_review={"verdict": "reject"})
        model.says["decision"] = [decide]
        await run(code, model)
        assert "+new" in seen[0]

    async def test_secrets_are_masked_and_binary_files_only_named(self, code: PipelineRig) -> None:
        key = "AKIA" + "Q7ZK3M5PX2LWN4VT"
        reviewer = Reviewer("pass")
        command = f"printf 'a\\0b' > blob.bin; echo 'aws_key = \"{key}\"' > settings.py"
        await run(code, Model(task=shell(command), code_review=[reviewer]))
        (shown,) = reviewer.shown
        assert "Binary files /dev/null and b/blob.bin differ" in shown
        assert "settings.py" in shown
        assert key not in shown
        (row,) = await code.rig.sql(
            "SELECT result::text FROM task_steps WHERE name = 'git_changes'"
        )
        assert key not in row["result"]

    async def test_a_task_cannot_hide_its_changes(self, code: PipelineRig) -> None:
        reviewer = Reviewer("pass")
        command = """
            echo '* -diff' > .gitattributes
            git config diff.external true; git config core.attributesFile .gitattributes
            echo hidden > made.txt"""
        task = await run(code, Model(task=shell(command), code_review=[reviewer]))
        assert task.status == "complete", task.error
        assert "+hidden" in reviewer.shown[0]

    async def test_what_is_too_long_is_cut_file_by_file(self, code: PipelineRig) -> None:
        reviewer = Reviewer("pass")
        command = "seq 1 100000 > long.txt; echo small > made.txt; echo small > zebra.txt"
        model = Model(task=shell(command), code_review=[reviewer])
        with ScriptedGateway(model, window=8_000) as gateway:
            task = await code.run(gateway, pod_name="Code Generation")
        assert task.status == "complete", task.error
        (shown,) = reviewer.shown
        assert shown.count("+small") == 2
        assert re.search(r"\+1\n.* more lines left out", shown, re.DOTALL)
        (row,) = await code.rig.sql("SELECT result FROM task_steps WHERE name = 'git_changes'")
        assert len(shown) < 16_000 < len(row["result"]["text"]) < 140_000
        await assert_identical(code, task)

    async def test_a_resumed_task_shows_what_the_journal_has(self, code: PipelineRig) -> None:
        reviewer = Reviewer("pass")
        with ScriptedGateway(Model(task=WRITE, code_review=[reviewer])) as gateway:
            task_id = await code.submit(pod_name="Code Generation")

            def meddle() -> None:
                (code.workspace / ".nova-worktrees" / str(task_id) / "made.txt").write_text(
                    "other\n"
                )

            task = await code.run_with_crash(
                gateway, "git_changes-settled", task_id=task_id, between=meddle
            )
        assert "+new" in reviewer.shown[0]
        await assert_identical(code, task)

    async def test_a_fork_at_the_review_has_the_reviewed_code(self, code: PipelineRig) -> None:
        reviewer = Reviewer("reject", "pass")
        with ScriptedGateway(Model(task=WRITE, code_review=[reviewer])) as gateway:
            task = await code.run(gateway, pod_name="Code Generation")
            await code.review(task.id, "reject")
            step = await step_of(code, task.id, "code_review")
            fork = await fork_and_run(code, gateway, task.id, step)
        assert fork.status == "complete", fork.error
        assert reviewer.shown[0] == reviewer.shown[1] != ""
        assert (code.workspace / "made.txt").read_text() == "new\n"
        await assert_identical(code, fork)


class TestNotMerging:
    async def test_what_a_person_rejects_stays_a_branch(self, code: PipelineRig) -> None:
        task = await run(code, Model(task=WRITE, code_review={"verdict": "reject"}))
        assert task.status == "pending_human_review"
        await code.review(task.id, "reject")
        assert git(code.workspace, "show", f"nova/{task.id}:made.txt") == "new"
        assert not (code.workspace / "made.txt").exists()
        assert len(await changes(code, task.id)) == 1

    async def test_what_a_person_approves_is_merged(self, code: PipelineRig) -> None:
        model = Model(task=WRITE, code_review={"verdict": "reject"})
        with ScriptedGateway(model) as gateway:
            task = await code.run(gateway, pod_name="Code Generation")
            await code.review(task.id, "approve")
            task = await code.go_on(task.id, gateway)
        assert task.status == "complete", task.error
        assert (code.workspace / "made.txt").exists()
        await assert_identical(code, task)

    async def test_a_person_s_own_edit_is_never_overwritten(
        self, pipeline: PipelineRig, repository: Path
    ) -> None:
        def edit(body: dict[str, Any]) -> Any:
            (repository / "old.txt").write_text("a person's\n")
            return tool_then("write_file", path="old.txt", content="the agent's\n")(body)

        task = await run(pipeline, Model(task=edit))
        assert task.status == "failed"
        assert f"nova/{task.id}" in str(task.error)
        assert "old.txt" in str(task.error)
        assert (repository / "old.txt").read_text() == "a person's\n"
        assert len(await changes(pipeline, task.id)) == 1
        await assert_identical(pipeline, task)

    async def test_a_conflict_leaves_the_workspace_as_it_was(
        self, pipeline: PipelineRig, repository: Path
    ) -> None:
        def edit(body: dict[str, Any]) -> Any:
            if not [message for message in body["messages"] if message["role"] == "tool"]:
                (repository / "old.txt").write_text("committed meanwhile\n")
                git(repository, "commit", "-q", "-a", "-m", "meanwhile")
            return tool_then("write_file", path="old.txt", content="the agent's\n")(body)

        task = await run(pipeline, Model(task=edit))
        assert task.status == "failed"
        assert "CONFLICT" in str(task.error)
        assert git(repository, "status", "--porcelain") == ""
        assert (repository / "old.txt").read_text() == "committed meanwhile\n"

    async def test_a_cancelled_task_keeps_its_changes(self, code: PipelineRig) -> None:
        def slow(body: dict[str, Any]) -> Any:
            wrote = [message for message in body["messages"] if message["role"] == "tool"]
            return [30.0] if wrote else calls("write_file", path="made.txt", content="new\n")

        with ScriptedGateway(Model(task=slow)) as gateway:
            engine = code.engine(gateway)
            task_id = await code.submit(pod_name="Code Generation")
            await engine.on_wake()
            await code.rig.until(
                "SELECT 1 FROM task_steps WHERE name = 'write_file' AND status = 'done'"
            )
            async with code.rig.database.transaction() as connection:
                await cancel_task(connection, task_id, actor=ADMIN)
            code.rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")
            task = await code.settled(task_id)
        assert task.status == "cancelled"
        assert "+new" in (await changes(code, task_id))[0]["content"]

    async def test_cancelled_while_it_merges_it_leaves_nothing_in_the_way(
        self, pipeline: PipelineRig, repository: Path
    ) -> None:
        lock, move = (repository / ".git" / name for name in ("index.lock", "nova-move"))
        lock.touch()  # a person's git is at work: the merge waits
        with ScriptedGateway(Model(task=WRITE)) as gateway:
            engine = pipeline.engine(gateway)
            task_id = await pipeline.submit(pod_name="Code Generation")
            await engine.on_wake()
            while not move.exists():  # noqa: ASYNC110 - it looks at files
                await asyncio.sleep(0.01)
            async with pipeline.rig.database.transaction() as connection:
                await cancel_task(connection, task_id, actor=ADMIN)
            pipeline.rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")
            task = await pipeline.settled(task_id)
        assert task.status == "cancelled"
        assert not move.exists()
        lock.unlink()
        assert git(repository, "status", "--porcelain") == ""
        assert git(repository, "show", f"nova/{task_id}:made.txt") == "new"

    async def test_without_git_the_task_fails_and_says_so(
        self, code: PipelineRig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = shutil.which
        monkeypatch.setattr(shutil, "which", lambda name: None if name == "git" else found(name))
        task = await run(code, Model())
        assert task.status == "failed"
        assert "no git" in str(task.error)


class TestLeftovers:
    """Clones of tasks that have ended without their worker."""

    async def waiting(self, rig: PipelineRig) -> Any:
        """A task that a person has to judge, with a clone that has something new in it."""
        task = await run(rig, Model(task=WRITE, code_review={"verdict": "reject"}))
        assert task.status == "pending_human_review"
        (self.clone(rig, task.id) / "late.txt").write_text("late\n")
        return task

    def clone(self, rig: PipelineRig, task_id: Any) -> Path:
        return rig.workspace / ".nova-worktrees" / str(task_id)

    async def look(self, rig: PipelineRig) -> None:
        await Leftovers(rig.rig.database, rig.room()).look()

    async def test_a_task_that_waits_keeps_its_clone(self, code: PipelineRig) -> None:
        task = await self.waiting(code)
        await self.look(code)
        assert self.clone(code, task.id).exists()

    async def test_a_dead_letter_keeps_it_too(self, code: PipelineRig) -> None:
        task = await self.waiting(code)
        await code.review(task.id, "reject")
        await code.rig.sql("UPDATE tasks SET dead_lettered_at = now() WHERE id = $1", task.id)
        await self.look(code)
        assert self.clone(code, task.id).exists()

    @pytest.mark.parametrize("ended", ["rejected", "cancelled"])
    async def test_one_that_has_ended_is_kept_as_its_branch_and_removed(
        self, code: PipelineRig, ended: str
    ) -> None:
        task = await self.waiting(code)
        if ended == "rejected":
            await code.review(task.id, "reject")
        else:
            async with code.rig.database.transaction() as connection:
                await cancel_task(connection, task.id, actor=ADMIN)
        await asyncio.gather(self.look(code), self.look(code))
        assert not self.clone(code, task.id).exists()
        assert git(code.workspace, "show", f"nova/{task.id}:late.txt") == "late"
        assert "late.txt" in (await changes(code, task.id))[0]["content"]

    async def test_one_that_can_not_be_kept_stays_for_a_week(self, code: PipelineRig) -> None:
        task = await self.waiting(code)
        await code.review(task.id, "reject")
        code.sandbox = SandboxReport(works=False, reason="broken")
        await self.look(code)
        assert self.clone(code, task.id).exists()
        self.age(self.clone(code, task.id), days=8)
        await self.look(code)
        assert not self.clone(code, task.id).exists()

    async def test_a_deleted_task_s_goes_after_a_day(self, code: PipelineRig) -> None:
        unknown = self.clone(code, uuid4())
        (unknown / ".git").mkdir(parents=True)
        other = unknown.parent / "a person's"
        other.mkdir()
        await self.look(code)
        assert unknown.exists()
        self.age(unknown, days=2)
        self.age(other, days=2)
        await self.look(code)
        assert not unknown.exists()
        assert other.exists()

    def age(self, folder: Path, *, days: int) -> None:
        moment = time.time() - days * 86_400
        for path in (folder / ".git", folder):
            if path.exists():
                os.utime(path, (moment, moment))


@pytest.mark.parametrize(
    "failpoint",
    [
        f"git_{name}-{end}"
        for name in ("begin", "changes", "keep", "merge")
        for end in ("begun", "done", "settled")
    ]
    + ["git-committed:1", "git-committed:2"],
)
async def test_killed_at_any_point_it_is_merged_once(code: PipelineRig, failpoint: str) -> None:
    with ScriptedGateway(Model(task=WRITE)) as gateway:
        task_id = await code.submit(pod_name="Code Generation")
        task = await code.run_with_crash(gateway, failpoint, task_id=task_id)
    assert task.status == "complete", task.error
    assert (code.workspace / "made.txt").read_text() == "new\n"
    assert git(code.workspace, "rev-list", "--count", "HEAD") == "2"
    assert len(await changes(code, task_id)) == 1


async def test_a_hostile_repository_runs_nothing_on_the_host(
    code: PipelineRig, tmp_path: Path
) -> None:
    mark = tmp_path / "escaped"
    command = f"""
        printf '#!/bin/sh\\ntouch {mark}\\n' > evil.sh; chmod +x evil.sh
        git config core.fsmonitor "touch {mark}"
        git config filter.evil.clean "touch {mark}; cat"
        git config diff.external "touch {mark}"
        echo '* filter=evil diff=evil' > .gitattributes
        for hook in pre-commit post-commit post-checkout reference-transaction; do
            cp evil.sh .git/hooks/$hook
        done
        echo new > made.txt"""
    task = await run(code, Model(task=shell(command)))
    assert task.status == "complete", task.error
    assert (code.workspace / "made.txt").exists()
    assert not mark.exists()
