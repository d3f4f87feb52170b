"""git_diff: what has changed in the workspace since a commit."""

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

REVISION = r"^[A-Za-z0-9_@^~/.{}][A-Za-z0-9_@^~/.{}-]*$"


class GitDiffParameters(ToolParameters):
    revision: str = Field(
        default="HEAD", pattern=REVISION, max_length=200, description="Commit to compare with."
    )
    path: str = Field(default=".", description="Only this file or folder of the workspace.")


async def git_diff(parameters: GitDiffParameters, context: ToolContext) -> ToolOutcome:
    # New files are shown as well; an index beside the real one leaves that as it is.
    script = """
        index=$(git rev-parse --git-path index)
        if [ -e "$index" ]; then cp "$index" /tmp/index; fi
        export GIT_INDEX_FILE=/tmp/index
        git add --intent-to-add -A
        git --literal-pathspecs diff --no-ext-diff --no-textconv --no-color "$1" -- "$2"
    """
    path = inner_path(parameters.path)
    summary = f"git diff {parameters.revision}"
    return await git_outcome(context, script, parameters.revision, path, summary=summary)


TOOL = Tool(
    name="git_diff",
    description="What has changed in the workspace since a commit (the last one), new files too.",
    category="git",
    parameters=GitDiffParameters,
    handler=git_diff,
    effect=Effect.READ,
    tiers=FILE_TIERS,
    needs_git=True,
    own_timeout=True,
)
