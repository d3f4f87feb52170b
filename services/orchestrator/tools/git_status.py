"""git_status: the workspace's branch and what has changed since its last commit."""

from services.orchestrator.tools.base import (
    FILE_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.sandboxed_git import git_outcome


class GitStatusParameters(ToolParameters):
    """None."""


async def git_status(_parameters: GitStatusParameters, context: ToolContext) -> ToolOutcome:
    script = "git --no-optional-locks status --short --branch"
    return await git_outcome(context, script, summary="git status")


TOOL = Tool(
    name="git_status",
    description="The branch of the workspace's git repository, and the files that have changed.",
    category="git",
    parameters=GitStatusParameters,
    handler=git_status,
    effect=Effect.READ,
    tiers=FILE_TIERS,
    needs_git=True,
    own_timeout=True,
)
