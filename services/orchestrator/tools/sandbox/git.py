"""Whether git can be run in the sandbox."""

import shutil

from services.orchestrator.tools.sandbox.isolation import is_visible
from services.orchestrator.tools.sandbox.report import SandboxReport


def git_reason_off(sandbox: SandboxReport) -> str | None:
    """Why git can't be used here; None if it can."""
    if not sandbox.works:
        return f"Git runs only in the sandbox, which does not work here. {sandbox.reason}".strip()
    git = shutil.which("git")
    if git is None or not is_visible(git):
        return "There is no git on this machine's search path, where the sandbox sees it."
    return None
