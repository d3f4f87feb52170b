"""git_log: the newest commits of the workspace's repository."""

from pydantic import Field

from services.orchestrator.tools.base import (
    FILE_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.sandboxed_git import git_outcome
from services.orchestrator.tools.workspace_files import inner_path


class GitLogParameters(ToolParameters):
    count: int = Field(default=20, ge=1, le=200, description="How many commits, newest first.")
    path: str = Field(default=".", description="Only those that touch this file or folder.")


async def git_log(parameters: GitLogParameters, context: ToolContext) -> ToolOutcome:
    script = (
        'git --literal-pathspecs log --no-color --no-show-signature -n "$1" '
        "--date=iso-strict --format='%h %ad %an: %s' -- \"$2\""
    )
    path = inner_path(parameters.path)
    return await git_outcome(context, script, str(parameters.count), path, summary="git log")


TOOL = Tool(
    name="git_log",
    description="The newest commits of the workspace's git repository, one a line.",
    category="git",
    parameters=GitLogParameters,
    handler=git_log,
    effect=Effect.READ,
    tiers=FILE_TIERS,
    needs_git=True,
    own_timeout=True,
)
