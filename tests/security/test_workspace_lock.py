"""Calls that change a workspace exclude each other; those on other workspaces do not wait."""

import asyncio
from dataclasses import replace

import pytest

from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.workspace_lock import locked_workspace
from services.orchestrator.tools.write_file import TOOL as WRITE_FILE


@pytest.fixture
def impatient(context: ToolContext) -> ToolContext:
    for name in ("a", "b"):
        (context.workspace / name).mkdir()
    return replace(context, settings=replace(context.settings, lock_timeout=0.1))


def inside(context: ToolContext, name: str) -> ToolContext:
    return replace(context, workspace=context.workspace_root / name)


class TestLockedWorkspace:
    async def test_the_same_workspace_is_held_alone(self, impatient: ToolContext):
        async with locked_workspace(impatient):
            outcome = await WRITE_FILE.run({"path": "f", "content": ""}, impatient)
        assert not outcome.ok
        assert "Another call" in outcome.text
        assert (await WRITE_FILE.run({"path": "f", "content": ""}, impatient)).ok

    async def test_a_subfolder_and_the_whole_exclude_each_other(self, impatient: ToolContext):
        async with locked_workspace(inside(impatient, "a")):
            with pytest.raises(ToolError):
                async with locked_workspace(impatient):
                    pass
        async with locked_workspace(impatient):
            with pytest.raises(ToolError):
                async with locked_workspace(inside(impatient, "a")):
                    pass

    async def test_two_subfolders_do_not(self, impatient: ToolContext):
        async with (
            locked_workspace(inside(impatient, "a")),
            locked_workspace(inside(impatient, "b")),
        ):
            pass

    async def test_a_waiting_call_goes_on_when_the_other_ends(self, context: ToolContext):
        order: list[str] = []

        async def second() -> None:
            async with locked_workspace(context):
                order.append("second")

        async with locked_workspace(context):
            waiting = asyncio.ensure_future(second())
            await asyncio.sleep(0.05)
            order.append("first")
        await waiting
        assert order == ["first", "second"]
