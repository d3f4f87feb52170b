"""Runs git scripts in the sandbox: nothing that a repository's configuration names runs outside."""

from collections.abc import Mapping
from pathlib import Path

from services.orchestrator.tools.base import ToolOutcome
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandbox.git import git_reason_off
from services.orchestrator.tools.sandbox.isolation import find_programs, isolated
from services.orchestrator.tools.sandbox.output import CappedOutput
from services.orchestrator.tools.sandbox.process import ToolProcess, run_process
from services.orchestrator.tools.sandbox.seccomp import seccomp_program
from services.orchestrator.tools.sandbox.supervisor.order import Limits
from services.orchestrator.tools.workspace_files import explained, path_of, workspace_root

_TIMEOUT = 120.0
_MEBIBYTE = 1 << 20
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "safe.directory": "*",
    "core.quotePath": "false",
}
_VARIABLES = "\n".join(
    f"export GIT_CONFIG_KEY_{number}='{name}' GIT_CONFIG_VALUE_{number}='{value}'"
    for number, (name, value) in enumerate(_SETTINGS.items())
)
PRELUDE = f"""set -eu
export GIT_CONFIG_NOSYSTEM=1 GIT_NO_REPLACE_OBJECTS=1 GIT_TERMINAL_PROMPT=0 GIT_PAGER=cat
export GIT_CONFIG_COUNT={len(_SETTINGS)}
export GIT_AUTHOR_NAME=Nova GIT_AUTHOR_EMAIL=nova@localhost
export GIT_COMMITTER_NAME=Nova GIT_COMMITTER_EMAIL=nova@localhost
{_VARIABLES}
git config --global safe.directory '*'
cd /workspace
"""
"""What every script begins with."""


class GitError(ToolError):
    """Git has not done what it was asked; the text is what it said."""


async def run_git_script(
    context: ToolContext,
    script: str,
    *arguments: str,
    beside: Mapping[str, tuple[Path, bool]] | None = None,
    limit: int = _MEBIBYTE,
) -> str:
    """What the script printed, at most `limit` bytes; it starts in the context's workspace.

    `beside` maps names in the sandbox to further folders, and whether those may be written.
    Raises GitError.
    """
    if reason := git_reason_off(context.sandbox):
        raise GitError(reason)
    with explained("the sandbox's state folder"):
        programs = find_programs(context.settings.state_folder)
    if programs is None:
        raise GitError("Git cannot be run: bubblewrap is no longer installed.")
    output = CappedOutput(limit)
    with workspace_root(context) as folder:
        command = [programs.shell, "-c", script, "git-script", *arguments]
        process = ToolProcess(
            command=isolated(programs, command, workspace=path_of(folder), beside=beside or {}),
            timeout=_TIMEOUT,
            seccomp=seccomp_program(),
            limits=Limits(cpu_seconds=2 * int(_TIMEOUT)),
            kept_descriptors=context.lock_descriptors,
        )
        report = await run_process(process, context.lease, output=output)
    if report.reason != "exited" or report.exit_code != 0:
        said = output.text().strip() or report.detail or f"git ended with {report}"
        raise GitError(said)
    return output.text()


IN_REPOSITORY = (
    PRELUDE
    + """
if [ ! -e .git ]; then echo "The workspace is not a git repository." >&2; exit 1; fi
"""
)
"""What a tool's script begins with."""


async def git_outcome(
    context: ToolContext, script: str, *arguments: str, summary: str
) -> ToolOutcome:
    """What the script printed, for a model. Raises GitError."""
    said = await run_git_script(
        context, IN_REPOSITORY + script, *arguments, limit=context.settings.output_limit
    )
    return ToolOutcome(ok=True, text=said or "(nothing)", summary=summary)
