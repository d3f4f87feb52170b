"""search_codebase: ripgrep in the sandbox and our own search find the same."""

import shutil
from dataclasses import replace

import pytest

from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.sandbox.report import UNTESTED
from services.orchestrator.tools.search_codebase import TOOL


@pytest.fixture(params=["ripgrep", "own"])
def searched(request: pytest.FixtureRequest, shell_context: ToolContext) -> ToolContext:
    workspace = shell_context.workspace
    (workspace / "src").mkdir()
    (workspace / "src/a.py").write_text("def main():\n    return 'Grüße'\n")
    (workspace / "src/b.txt").write_text("main\nMAIN a.b\n")
    (workspace / ".env.example").write_text("main=1\n")
    (workspace / ".git").mkdir()
    (workspace / ".git/config").write_text("main\n")
    (workspace / "binary").write_bytes(b"\0\0\nmain\n")
    (workspace / "out").symlink_to("../secret.txt")
    (workspace / "up").symlink_to("..")
    if request.param == "ripgrep":
        assert shutil.which("rg")
        return shell_context
    return replace(shell_context, sandbox=UNTESTED)


class TestSearchCodebase:
    async def test_lines_carry_path_and_number(self, searched: ToolContext):
        outcome = await TOOL.run({"pattern": "main"}, searched)
        assert outcome.text.splitlines() == [
            ".env.example:1: main=1",
            "src/a.py:1: def main():",
            "src/b.txt:1: main",
        ]

    async def test_case_glob_literal_and_path(self, searched: ToolContext):
        arguments = {"pattern": "main A.b", "path": "src", "glob": "*.txt", "literal": True}
        assert (await TOOL.run(arguments, searched)).text == "No line matches."
        arguments["ignore_case"] = True
        assert (await TOOL.run(arguments, searched)).text == "src/b.txt:2: MAIN a.b"

    async def test_one_file_and_unicode(self, searched: ToolContext):
        outcome = await TOOL.run({"pattern": "Gr.ße", "path": "src/a.py"}, searched)
        assert outcome.text == "src/a.py:2:     return 'Grüße'"

    async def test_nothing_outside_is_found(self, searched: ToolContext):
        assert (await TOOL.run({"pattern": "outside"}, searched)).text == "No line matches."
        for path in ("up", "out", "..", "/etc"):
            assert not (await TOOL.run({"pattern": "outside", "path": path}, searched)).ok

    async def test_a_wrong_pattern_is_explained(self, searched: ToolContext):
        outcome = await TOOL.run({"pattern": "(unclosed"}, searched)
        assert not outcome.ok
        assert "parse error" in outcome.text

    async def test_a_pattern_is_never_an_option(self, searched: ToolContext):
        assert (await TOOL.run({"pattern": "--files"}, searched)).text == "No line matches."
        (searched.workspace / "--pre=sh").write_text("x")
        assert (
            await TOOL.run({"pattern": "x", "path": "--pre=sh"}, searched)
        ).text == "--pre=sh:1: x"

    async def test_many_lines_are_cut_with_a_note(self, searched: ToolContext):
        few = replace(searched, settings=replace(searched.settings, search_limit=3))
        (few.workspace / "many").write_text("hit\n" * 100_000)
        outcome = await TOOL.run({"pattern": "hit"}, few)
        assert outcome.text.splitlines() == [
            "many:1: hit",
            "many:2: hit",
            "many:3: hit",
            "[cut: first 3 matching lines]",
        ]

    async def test_a_long_line_is_cut(self, searched: ToolContext):
        (searched.workspace / "long").write_text("x" * 1_000_000)
        text = (await TOOL.run({"pattern": "xxx"}, searched)).text
        assert text == "long:1: " + "x" * 300 + "…"


class TestDeadline:
    async def test_an_endless_expression_is_stopped(self, shell_context: ToolContext):
        settings = replace(shell_context.settings, search_timeout=1.0)
        plain = replace(shell_context, sandbox=UNTESTED, settings=settings)
        (plain.workspace / "f").write_text("a" * 60 + "!")
        outcome = await TOOL.run({"pattern": "(a+)+$"}, plain)
        assert "stopped after 1 seconds" in outcome.text
