"""The merge of a task's branch, killed wherever it can be, beside a person who works there too."""

import asyncio
import os
import random
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from services.orchestrator.pipeline.gitwork.scripts import BEGIN, MERGE
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.sandbox.report import SandboxReport
from services.orchestrator.tools.sandboxed_git import GitError, run_git_script
from services.orchestrator.tools.workspace_lock import locked_workspace
from tests.fixtures.git import git
from tests.fixtures.tools import make_context

BRANCH = "nova/task"
NAME = "Käse & Brot\n2.txt"
POINTS = ["told", "locked", "writing", "written", "indexed", "moved", "unlocked"]


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    return make_context(tmp_path, sandbox=SandboxReport(works=True, reason=""))


@pytest.fixture
def repository(context: ToolContext) -> Path:
    """A repository and a branch that changes, adds, removes and renames, and swaps folder and file."""
    folder = context.workspace
    git(folder, "init", "-q", "-b", "trunk")
    write(folder, {"a.txt": "old\n", "gone/b.txt": "b\n", "swap": "file\n", "turn/c": "c\n"})
    write(folder, {NAME: "old\n", "mine.txt": "mine\n", "run.sh": "#!/bin/sh\n"})
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "checkout", "-q", "-b", BRANCH)
    git(folder, "rm", "-q", "-r", "gone", "swap", "turn")
    write(folder, {"a.txt": "new\n", "swap/d.txt": "d\n", "turn": "t\n", f"x/{NAME}": "x\n"})
    write(folder, {NAME: "new\n"})
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("a.txt")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "the task's")
    git(folder, "checkout", "-q", "trunk")
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def diverge(folder: Path) -> None:
    write(folder, {"later.txt": "later\n"})
    git(folder, "add", "later.txt")
    git(folder, "commit", "-q", "-m", "later")


async def merge(context: ToolContext, *, killed_at: str = "", branch: str = BRANCH) -> str:
    script = f"FAILPOINT={killed_at}\n{MERGE}"
    async with locked_workspace(context) as locked:
        return (await run_git_script(locked, script, branch, f"Merge {branch}")).strip()


def assert_merged(folder: Path, *, status: str = "") -> None:
    git(folder, "merge-base", "--is-ancestor", BRANCH, "HEAD")
    assert git(folder, "status", "--porcelain") == status
    assert git(folder, "diff", "--name-only", "HEAD", BRANCH) in {"", "later.txt"}
    assert_nothing_left(folder)


def assert_nothing_left(folder: Path) -> None:
    left = [path.name for path in (folder / ".git").rglob("*.lock")]
    assert left + [path.name for path in (folder / ".git").glob("nova-*")] == []


def is_writing(folder: Path) -> bool:
    try:
        return "writing" in (folder / ".git" / "nova-move").read_text()
    except FileNotFoundError:
        return False


def everything(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if ".git" not in path.parts)
    return {str(path.relative_to(folder)): path.read_text() for path in files if path.is_file()}


class TestKilled:
    @pytest.mark.parametrize("ahead", [False, True], ids=["forward", "merge"])
    @pytest.mark.parametrize("point", POINTS)
    async def test_the_next_one_ends_it(
        self, context: ToolContext, repository: Path, point: str, *, ahead: bool
    ) -> None:
        if ahead:
            diverge(repository)
        (repository / "mine.txt").write_text("a person's, not committed\n")
        with pytest.raises(GitError):
            await merge(context, killed_at=point)
        assert await merge(context) == git(repository, "rev-parse", "HEAD")
        assert_merged(repository, status="M mine.txt")
        assert git(repository, "rev-list", "--count", "trunk") == ("4" if ahead else "2")
        assert (repository / "mine.txt").read_text() == "a person's, not committed\n"

    @pytest.mark.parametrize("point", ["writing", "written", "indexed"])
    async def test_what_a_person_did_meanwhile_is_kept_and_the_rest_is_as_it_was(
        self, context: ToolContext, repository: Path, point: str
    ) -> None:
        before = everything(repository)
        with pytest.raises(GitError):
            await merge(context, killed_at=point)
        hers = {"a.txt": "a person's\n"}
        if point == "writing":  # nothing is written yet: turn is still a folder
            hers["turn/note"] = "hers\n"
        write(repository, hers)
        with pytest.raises(GitError, match=r"a\.txt"):
            await merge(context)
        assert everything(repository) == {**before, **hers}
        assert git(repository, "diff", "--cached", "--name-only") == ""
        assert_nothing_left(repository)

    @pytest.mark.parametrize("point", ["written", "moved"])
    async def test_another_task_s_merge_comes_first(
        self, context: ToolContext, repository: Path, point: str
    ) -> None:
        git(repository, "checkout", "-q", "-b", "nova/other")
        diverge(repository)
        git(repository, "checkout", "-q", "trunk")
        with pytest.raises(GitError):
            await merge(context, killed_at=point)
        await merge(context, branch="nova/other")
        await merge(context)
        assert (repository / "later.txt").exists()
        assert_merged(repository)

    async def test_a_lock_of_the_reference_that_the_kill_left(
        self, context: ToolContext, repository: Path
    ) -> None:
        with pytest.raises(GitError):
            await merge(context, killed_at="indexed")
        git_folder, moment = repository / ".git", time.time()
        os.utime(git_folder / "nova-move", (moment - 30, moment - 30))
        for name in ("HEAD.lock", "refs/heads/trunk.lock"):
            (git_folder / name).touch()
            os.utime(git_folder / name, (moment - 20, moment - 20))
        await merge(context)
        assert_merged(repository)

    async def test_the_file_that_was_being_written(
        self, context: ToolContext, repository: Path
    ) -> None:
        with pytest.raises(GitError):
            await merge(context, killed_at="writing")
        (repository / NAME).write_text("ne")
        await merge(context)
        assert_merged(repository)

    async def test_a_lock_from_before_is_somebody_else_s(
        self, context: ToolContext, repository: Path
    ) -> None:
        (repository / ".git" / "refs" / "heads" / "trunk.lock").touch()
        before = everything(repository)
        with pytest.raises(GitError, match=r"trunk\.lock"):
            await merge(context)
        assert everything(repository) == before
        assert (repository / ".git" / "refs" / "heads" / "trunk.lock").exists()

    async def test_at_random_in_the_middle_of_writing(
        self, context: ToolContext, repository: Path
    ) -> None:
        git(repository, "checkout", "-q", BRANCH)
        write(repository, {f"many/{n}/{NAME}": f"{n}\n" * 20_000 for n in range(150)})
        git(repository, "add", ".")
        git(repository, "commit", "-q", "-m", "many")
        git(repository, "checkout", "-q", "trunk")
        chance = random.Random(3)
        cut = 0
        for _ in range(8):
            going = asyncio.ensure_future(merge(context))
            while not (going.done() or is_writing(repository)):  # noqa: ASYNC110 - it looks at files
                await asyncio.sleep(0.001)
            await asyncio.sleep(chance.uniform(0, 0.05))
            cut += going.cancel()
            with suppress(asyncio.CancelledError):
                await going
        assert cut
        await merge(context)
        assert_merged(repository)


class TestBesideAPerson:
    @pytest.mark.parametrize(
        ("files", "named"),
        [
            ({"a.txt": "a person's\n"}, r"a\.txt"),
            ({"link": "hers, not added\n"}, "link"),
            ({"x": "a file where a folder has to be\n"}, "x"),
            ({"gone/b.txt": "changed, and to be removed\n"}, r"gone/b\.txt"),
        ],
        ids=["changed", "untracked", "in the way", "to be removed"],
    )
    async def test_what_is_not_committed_is_kept_and_named(
        self, context: ToolContext, repository: Path, files: dict[str, str], named: str
    ) -> None:
        write(repository, files)
        before, status = everything(repository), git(repository, "status", "--porcelain")
        with pytest.raises(GitError, match=named):
            await merge(context)
        assert everything(repository) == before
        assert git(repository, "status", "--porcelain") == status
        assert_nothing_left(repository)

    async def test_what_is_staged_elsewhere_stays_staged(
        self, context: ToolContext, repository: Path
    ) -> None:
        write(repository, {"mine.txt": "staged\n"})
        git(repository, "add", "mine.txt")
        await merge(context)
        assert_merged(repository, status="M  mine.txt")

    async def test_a_conflict(self, context: ToolContext, repository: Path) -> None:
        write(repository, {"a.txt": "committed meanwhile\n"})
        git(repository, "commit", "-q", "-a", "-m", "meanwhile")
        before = everything(repository)
        with pytest.raises(GitError, match=r"CONFLICT.*a\.txt"):
            await merge(context)
        assert everything(repository) == before
        assert git(repository, "status", "--porcelain") == ""
        assert_nothing_left(repository)

    async def test_a_merge_of_their_own_is_under_way(
        self, context: ToolContext, repository: Path
    ) -> None:
        write(repository, {"a.txt": "committed meanwhile\n"})
        git(repository, "commit", "-q", "-a", "-m", "meanwhile")
        with suppress(subprocess.CalledProcessError):
            git(repository, "merge", BRANCH)
        status = git(repository, "status", "--porcelain")
        with pytest.raises(GitError, match="of your own"):
            await merge(context)
        assert git(repository, "status", "--porcelain") == status

    async def test_a_detached_head(self, context: ToolContext, repository: Path) -> None:
        git(repository, "checkout", "-q", "--detach")
        diverge(repository)
        await merge(context)
        assert_merged(repository)
        assert git(repository, "branch", "--show-current") == ""
        assert git(repository, "rev-list", "--count", "trunk") == "1"

    async def test_their_git_is_at_work(self, context: ToolContext, repository: Path) -> None:
        lock = repository / ".git" / "index.lock"
        lock.touch()
        going = asyncio.ensure_future(merge(context))
        while not (repository / ".git" / "nova-move").exists():  # noqa: ASYNC110 - it looks at files
            await asyncio.sleep(0.01)
        lock.unlink()
        await going
        assert_merged(repository)

    async def test_they_commit_all_the_while(self, context: ToolContext, repository: Path) -> None:
        branches = [f"nova/{number}" for number in range(4)]
        for branch in branches:
            git(repository, "checkout", "-q", "-b", branch, "trunk")
            write(repository, {f"{branch.replace('/', '-')}.txt": branch})
            git(repository, "add", ".")
            git(repository, "commit", "-q", "-m", branch)
        git(repository, "checkout", "-q", "trunk")

        def commit(number: int) -> None:
            # Refused while a merge holds the lock, as by any git.
            with suppress(subprocess.CalledProcessError):
                write(repository, {"mine.txt": f"{number}\n"})
                git(repository, "commit", "-q", "-m", f"hers {number}", "mine.txt")

        async def person() -> None:
            for number in range(30):
                await asyncio.to_thread(commit, number)

        await asyncio.gather(person(), *(merge(context, branch=branch) for branch in branches))
        write(repository, {"mine.txt": "the last\n"})
        git(repository, "commit", "-q", "-m", "the last", "mine.txt")
        for branch in branches:
            git(repository, "merge-base", "--is-ancestor", branch, "HEAD")
        assert git(repository, "status", "--porcelain") == ""
        assert (repository / "mine.txt").read_text() == "the last\n"
        assert_nothing_left(repository)


class TestFirstCommit:
    @pytest.mark.parametrize("point", ["told", "locked", "written", "indexed", "moved", "unlocked"])
    async def test_killed_it_is_made_all_the_same(self, context: ToolContext, point: str) -> None:
        write(context.workspace, {"a.txt": "old\n", NAME: "old\n"})
        other = context.workspace.parent / "clone"
        other.mkdir()

        async def begin(killed_at: str) -> str:
            beside = {"/worktree": (other, True)}
            script = f"FAILPOINT={killed_at}\n{BEGIN}"
            async with locked_workspace(context) as locked:
                return await run_git_script(locked, script, BRANCH, beside=beside)

        with pytest.raises(GitError):
            await begin(point)
        await begin("")
        assert git(context.workspace, "status", "--porcelain") == ""
        assert git(context.workspace, "rev-list", "--count", "HEAD") == "1"
        assert git(other, "status", "--porcelain") == ""
        assert git(other, "branch", "--show-current") == BRANCH
        assert (other / NAME).read_text() == "old\n"
        assert_nothing_left(context.workspace)
