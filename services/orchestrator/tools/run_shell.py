"""run_shell: a command in the sandbox, with the workspace as its folder."""

import os
from pathlib import Path

from pydantic import Field

from services.orchestrator.tools.base import (
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
    one_line,
)
from services.orchestrator.tools.context import SandboxTier, ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandbox.isolation import find_programs, find_shell, isolated
from services.orchestrator.tools.sandbox.output import CappedOutput
from services.orchestrator.tools.sandbox.process import ToolProcess, run_process
from services.orchestrator.tools.sandbox.seccomp import seccomp_program
from services.orchestrator.tools.sandbox.supervisor.order import Limits, Report
from services.orchestrator.tools.workspace_files import explained, path_of, workspace_root

_PLACES_OF_PROGRAMS = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
)
_LONGEST_TIMEOUT = 3600.0
_ENDINGS = {
    "timeout": "[killed: it ran longer than {timeout:g} seconds]",
    "lease": "[killed: the worker lost its hold on the task]",
    "abandoned": "[killed: the worker went away]",
    "processes": "[killed: it started too many processes]",
    "memory": "[killed: it used too much memory]",
    "stopped": "[killed: it printed too much]",
    "supervisor_lost": "[killed together with its supervisor]",
}


class RunShellParameters(ToolParameters):
    command: str = Field(description="Command line for the shell.", min_length=1, max_length=30_000)
    timeout_seconds: float | None = Field(
        default=None, gt=0, le=_LONGEST_TIMEOUT, description="Shorter than the usual time limit."
    )


async def run_shell(parameters: RunShellParameters, context: ToolContext) -> ToolOutcome:
    if "\0" in parameters.command:
        raise ToolError("A command cannot contain a NUL character.")
    usual = context.settings.shell_timeout
    timeout = min(parameters.timeout_seconds or usual, usual)
    output = CappedOutput(context.settings.output_limit)
    with workspace_root(context) as folder:
        process = _process(parameters.command, context, folder=folder, timeout=timeout)
        report = await run_process(process, context.lease, output=output, on_start=context.started)
    return _outcome(parameters.command, report, output.text(), timeout=timeout)


def _process(command: str, context: ToolContext, *, folder: int, timeout: float) -> ToolProcess:
    if context.tier is SandboxTier.HOST:
        return _host_process(command, context, folder=folder, timeout=timeout)
    with explained("the sandbox's state folder"):
        programs = find_programs(context.settings.state_folder)
    if programs is None:
        raise ToolError("Commands cannot be run: bubblewrap is no longer installed.")
    # The folder that the lock is held on, by the name that it has at this moment.
    workspace = None if context.tier is SandboxTier.ISOLATED else path_of(folder)
    return ToolProcess(
        command=isolated(programs, [programs.shell, "-c", command], workspace=workspace),
        timeout=timeout,
        seccomp=seccomp_program(),
        limits=Limits(cpu_seconds=2 * int(timeout) + 10),
        kept_descriptors=context.lock_descriptors,
    )


def _host_process(
    command: str, context: ToolContext, *, folder: int, timeout: float
) -> ToolProcess:
    """Without walls, but with the supervisor and without Nova's own environment."""
    return ToolProcess(
        command=[find_shell(), "-c", command],
        timeout=timeout,
        environment={
            "PATH": ":".join(dict.fromkeys([*os.get_exec_path(), *_PLACES_OF_PROGRAMS])),
            "HOME": str(Path.home()),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
        },
        folder_descriptor=folder,
        limits=Limits(cpu_seconds=2 * int(timeout) + 10),
        kept_descriptors=context.lock_descriptors,
    )


def _outcome(command: str, report: Report, printed: str, *, timeout: float) -> ToolOutcome:
    if report.reason == "not_started" or (report.reason == "exited" and report.exit_code is None):
        raise ToolError(f"The command could not be started. {report.detail or printed}".strip())
    if report.reason != "exited":
        ending = _ENDINGS[report.reason].format(timeout=timeout)
    else:
        ending = f"[exit code {report.exit_code}]"
    ok = report.reason == "exited" and report.exit_code == 0
    body = printed if not printed or printed.endswith("\n") else printed + "\n"
    return ToolOutcome(ok=ok, text=body + ending, summary=one_line(f"{ending} {command}"))


TOOL = Tool(
    name="run_shell",
    description=(
        "Run a shell command in a sandbox. It starts in the workspace, has no network, and sees "
        "nothing of the machine but its programs. Its output and exit code are returned. "
        "Processes left in the background end with the command."
    ),
    category="shell",
    parameters=RunShellParameters,
    handler=run_shell,
    effect=Effect.EFFECT,
    tiers=frozenset({SandboxTier.ISOLATED, SandboxTier.WORKSPACE, SandboxTier.HOST}),
    needs_sandbox=True,
    changes_workspace=True,
    own_timeout=True,
    tells_start=True,
)
