"""git_commit: commits all that has changed in the workspace."""

from pydantic import Field

from services.orchestrator.tools.base import (
    FILE_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
    one_line,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandboxed_git import git_outcome


class GitCommitParameters(ToolParameters):
    message: str = Field(min_length=1, max_length=4_000, description="The commit's message.")


async def git_commit(parameters: GitCommitParameters, context: ToolContext) -> ToolOutcome:
    if "\0" in parameters.message or not parameters.message.strip():
        raise ToolError("A message needs text, and cannot contain a NUL character.")
    script = """
        git add -A
        if git diff --cached --quiet; then echo "There is nothing to commit."; exit 0; fi
        git commit -q --no-verify --cleanup=whitespace -m "$1"
        git show --no-color --no-ext-diff --no-textconv --stat --format='%h %s' HEAD
    """
    summary = one_line(f"git commit: {parameters.message}")
    return await git_outcome(context, script, parameters.message, summary=summary)


TOOL = Tool(
    name="git_commit",
    description="Commit all changes of the workspace to its git repository.",
    category="git",
    parameters=GitCommitParameters,
    handler=git_commit,
    effect=Effect.IDEMPOTENT,
    tiers=FILE_TIERS,
    needs_git=True,
    changes_workspace=True,
    own_timeout=True,
)
