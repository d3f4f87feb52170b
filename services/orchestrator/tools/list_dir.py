"""list_dir: the names in a folder of the workspace."""

import asyncio
import os

from pydantic import Field

from services.orchestrator.tools.base import (
    FILE_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.workspace_files import explained, opened_folder, shown_name


class ListDirParameters(ToolParameters):
    path: str = Field(default=".", description="Folder, relative to the workspace.")


async def list_dir(parameters: ListDirParameters, context: ToolContext) -> ToolOutcome:
    return await asyncio.to_thread(_list, parameters.path, context)


def _list(path: str, context: ToolContext) -> ToolOutcome:
    with opened_folder(context, path) as folder, explained(path), os.scandir(folder) as entries:
        names = sorted(
            shown_name(entry.name) + ("/" if entry.is_dir(follow_symlinks=False) else "")
            for entry in entries
        )
    limit = context.settings.list_limit
    shown = names[:limit]
    if len(names) > limit:
        shown.append(f"[cut: first {limit} of {len(names)} names]")
    summary = "1 entry" if len(names) == 1 else f"{len(names)} entries"
    return ToolOutcome(ok=True, text="\n".join(shown), summary=f"{path}: {summary}")


TOOL = Tool(
    name="list_dir",
    description=(
        "List a folder of the workspace: one name per line, folders end with a slash. "
        "Hidden files are included."
    ),
    category="files",
    parameters=ListDirParameters,
    handler=list_dir,
    effect=Effect.READ,
    tiers=FILE_TIERS,
)
