"""The git tools in the real sandbox, on repositories that an agent has made."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.orchestrator.tools.base import ToolOutcome
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.tools.sandbox.report import SandboxReport
from tests.fixtures.tools import make_context

TOOLS = ToolRegistry.load()
WORKS = SandboxReport(works=True, reason="")
NAME = "Käse & Brot.txt"


async def call(folder: Path, name: str, **arguments: Any) -> ToolOutcome:
    return await TOOLS.tools[name].run(arguments, make_context(folder, sandbox=WORKS))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    context = make_context(tmp_path, sandbox=WORKS)
    context.workspace.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=context.workspace, check=True)
    (context.workspace / NAME).write_text("cheese\n")
    return context.workspace


class TestTools:
    async def test_a_commit_is_made_and_seen(self, tmp_path: Path, repository: Path) -> None:
        assert NAME in (await call(tmp_path, "git_status")).text
        first = await call(tmp_path, "git_commit", message="It's $HOME; `first`")
        assert first.ok, first.text
        again = await call(tmp_path, "git_commit", message="It's $HOME; `first`")
        assert again.text.strip() == "There is nothing to commit."
        assert "Nova: It's $HOME; `first`" in (await call(tmp_path, "git_log", path=NAME)).text
        (repository / NAME).write_text("bread\n")
        (repository / "new.txt").write_text("made\n")
        changed = (await call(tmp_path, "git_diff")).text
        assert "-cheese\n+bread" in changed
        assert "+made" in changed
        assert "made" not in (await call(tmp_path, "git_diff", path=NAME)).text
        assert "?? new.txt" in (await call(tmp_path, "git_status")).text

    async def test_without_a_repository(self, tmp_path: Path) -> None:
        make_context(tmp_path).workspace.mkdir(parents=True, exist_ok=True)
        for name in ("git_status", "git_diff", "git_log"):
            outcome = await call(tmp_path, name)
            assert not outcome.ok
            assert "not a git repository" in outcome.text

    async def test_options_are_no_revisions(self, tmp_path: Path, repository: Path) -> None:
        outcome = await call(tmp_path, "git_diff", revision=f"--output={repository}/x")
        assert not outcome.ok
        assert not (repository / "x").exists()

    async def test_they_are_off_without_git_or_sandbox(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tool = TOOLS.tools["git_status"]
        broken = SandboxReport(works=False, reason="No bubblewrap.")
        assert "No bubblewrap." in str(tool.reason_off(make_context(tmp_path).tier, broken))
        monkeypatch.setenv("PATH", str(tmp_path))
        assert "no git" in str(tool.reason_off(make_context(tmp_path).tier, WORKS))
