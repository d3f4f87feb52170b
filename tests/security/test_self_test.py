"""The self-test sees a sandbox that does not hold, and says what is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.sandbox.self_test import self_test

# A bubblewrap that forgets one wall: it drops an option and calls the real one.
FORGETFUL = """#!/bin/bash
arguments=()
for word in "$@"; do [ "$word" = "{option}" ] || arguments+=("$word"); done
exec /usr/bin/bwrap "${{arguments[@]}}"
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def install(folder: Path, text: str) -> None:
    program = folder / "bwrap"
    program.write_text(text)
    program.chmod(0o755)


class TestSelfTest:
    async def test_a_good_sandbox_works(self, context: ToolContext):
        report = await self_test(context.settings)
        assert report.works, report.reason
        assert set(report.checks.values()) == {"ok"}

    async def test_nothing_is_left_behind(self, context: ToolContext):
        await self_test(context.settings)
        left = {path.name for path in context.settings.state_folder.iterdir()}
        assert left <= {"devices"}

    @pytest.mark.parametrize(
        ("option", "check"), [("--unshare-net", "network"), ("--die-with-parent", "dies")]
    )
    async def test_a_missing_wall_turns_it_off(
        self, context: ToolContext, programs: Path, option: str, check: str
    ):
        install(programs, FORGETFUL.format(option=option))
        report = await self_test(context.settings)
        assert not report.works
        assert check in report.reason

    async def test_a_bubblewrap_that_fails_is_quoted(self, context: ToolContext, programs: Path):
        install(programs, "#!/bin/sh\necho 'no namespaces for you' >&2\nexit 1\n")
        report = await self_test(context.settings)
        assert not report.works
        assert "no namespaces for you" in report.reason

    async def test_without_bubblewrap_it_says_what_to_install(
        self, context: ToolContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        monkeypatch.setenv("PATH", str(tmp_path))
        report = await self_test(context.settings)
        assert not report.works
        assert "install the package bubblewrap" in report.reason

    async def test_off_is_off(self, context: ToolContext):
        report = await self_test(replace(context.settings, shell_sandbox="off"))
        assert not report.works
        assert "SHELL_SANDBOX=off" in report.reason
