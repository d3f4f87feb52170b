"""Code Generation tasks in real git repositories, in the real sandbox."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.orchestrator.tasks.service import cancel_task
from services.orchestrator.tools.sandbox.report import SandboxReport
from tests.fixtures.engine import ADMIN, ScriptedGateway, calls
from tests.fixtures.pipeline import Model, PipelineRig, tool_then
from tests.fixtures.replays import assert_identical

WRITE = tool_then("write_file", path="made.txt", content="new\n")
NAME = "Käse & Brot.txt"


def git(folder: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "Person",
        "GIT_CONFIG_KEY_1": "user.email",
        "GIT_CONFIG_VALUE_1": "person@localhost",
        "GIT_CONFIG_KEY_2": "safe.directory",
        "GIT_CONFIG_VALUE_2": "*",
    }
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


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

    async def test_without_git_the_task_fails_and_says_so(
        self, code: PipelineRig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = shutil.which
        monkeypatch.setattr(shutil, "which", lambda name: None if name == "git" else found(name))
        task = await run(code, Model())
        assert task.status == "failed"
        assert "no git" in str(task.error)


@pytest.mark.parametrize(
    "failpoint",
    [
        f"git_{name}-{end}"
        for name in ("begin", "keep", "merge")
        for end in ("begun", "done", "settled")
    ]
    + ["git-committed"],
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
