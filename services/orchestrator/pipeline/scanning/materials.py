"""Gathers what is scanned: the task's result, the files that it changed, what its sources told it."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson

from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.scanning import queries
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.scanning.scan import Material
from services.orchestrator.pipeline.scanning.scanner import Source
from services.orchestrator.tools.base import FILE_TIERS
from services.orchestrator.tools.context import SandboxTier
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.workspace_files import explained, opened_file

_LONGEST = 1 << 20
_MOST_CHARACTERS = 4 << 20
_MOST_FILES = 50
_NAME_LENGTH = 200


@dataclass
class Materials:
    """Texts within the limits; `left_out` names the others."""

    texts: list[Material] = field(default_factory=list[Material])
    left_out: list[str] = field(default_factory=list[str])
    _room: int = _MOST_CHARACTERS

    def add(self, source: Source, name: str, text: str, *, whole: int | None = None) -> None:
        """`whole` is the text's true length where it is a part of one."""
        shown = masked(name[:_NAME_LENGTH])
        taken = text[: min(_LONGEST, self._room)]
        if len(taken) < (len(text) if whole is None else whole):
            self.left_out.append(f"{shown}: all after its first {len(taken)} characters")
        self._room -= len(taken)
        if taken:
            self.texts.append(Material(source, shown, taken))


@dataclass(frozen=True, slots=True)
class _Folder:
    workspace: Path
    workspace_root: Path


async def gather(run: TaskRun, room: ToolRoom, seen: Progress, *, tier: SandboxTier) -> Materials:
    """What a guardrail's scanners look at, as it is at this moment."""
    async with run.context.database.connection() as connection:
        calls = await queries.tool_results(connection, run.task.id, longest=_LONGEST)
    materials = Materials()
    results = seen.results_of("task") or seen.results_of("context")
    for result in results:
        for name, value in result.output.items():
            materials.add(Source.RESULT, f"{result.spec.agent.name}: {name}", _text(value))
    if tier in FILE_TIERS:
        changing = [
            call.path
            for call in calls
            if call.path and (tool := room.registry.get(call.name)) and tool.changes_workspace
        ]
        claimed = [path for result in results for path in _paths(result.output)]
        folder = _Folder(room.folder_of(run), room.workspace)
        paths = list(dict.fromkeys([*changing, *claimed]))
        await asyncio.to_thread(_add_files, materials, folder, paths)
    for call in calls:
        text = call.text or ""
        materials.add(Source.TOOL, f"result of {call.name}", text, whole=call.length)
    for number, memory in enumerate(seen.memories, 1):
        materials.add(Source.MEMORY, f"memory {number}", memory)
    return materials


def _text(value: Any) -> str:
    """A text as it is, other JSON as text."""
    return value if isinstance(value, str) else orjson.dumps(value).decode() if value else ""


def _paths(output: dict[str, Any]) -> Iterable[str]:
    named = output.get("files_changed")
    return (
        [path for path in cast("list[Any]", named) if isinstance(path, str) and path]
        if isinstance(named, list)
        else []
    )


def _add_files(materials: Materials, folder: _Folder, paths: Sequence[str]) -> None:
    for path in paths[:_MOST_FILES]:
        try:
            with opened_file(folder, path) as (descriptor, status), explained(path):
                # A mebibyte of characters is at most four of bytes.
                data = os.read(descriptor, 4 * _LONGEST)
        except ToolError:
            continue  # claimed and not there, moved, or a folder: there is nothing to scan
        if b"\0" not in data:
            text = data.decode(errors="replace")
            cut = len(data) < status.st_size
            materials.add(Source.FILE, f"file {path}", text, whole=status.st_size if cut else None)
    if len(paths) > _MOST_FILES:
        materials.left_out.append(f"{len(paths) - _MOST_FILES} more changed files")
