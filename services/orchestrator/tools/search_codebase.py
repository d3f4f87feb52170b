"""search_codebase: lines of the workspace's files that match a pattern."""

import os
import shutil
import sys

from pydantic import Field

from services.orchestrator.tools.base import (
    FILE_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandbox.isolation import find_programs, is_visible, isolated
from services.orchestrator.tools.sandbox.process import PROJECT, ToolProcess, run_process
from services.orchestrator.tools.sandbox.seccomp import seccomp_program
from services.orchestrator.tools.sandbox.supervisor.order import Report
from services.orchestrator.tools.text_search import LARGEST_FILE, SKIPPED_FOLDERS
from services.orchestrator.tools.workspace_files import (
    explained,
    inner_path,
    opened,
    path_of,
    shown_name,
    workspace_root,
)

_LONGEST_LINE = 300
_WRONG_PATTERN = 2
_START = (
    f"import sys; sys.path.insert(0, {str(PROJECT)!r}); "
    "from services.orchestrator.tools.text_search import main; sys.exit(main(sys.argv[1:]))"
)


class SearchParameters(ToolParameters):
    pattern: str = Field(
        description="Regular expression to find in single lines.", min_length=1, max_length=1_000
    )
    path: str = Field(default=".", description="Folder or file to search, in the workspace.")
    glob: str | None = Field(
        default=None, description="Only files with such names, as in *.py.", pattern=r"^[^/!\x00]+$"
    )
    literal: bool = Field(default=False, description="The pattern is plain text.")
    ignore_case: bool = False


class _Matches:
    """Collects `path NUL line:text` lines, up to one more than the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""
        self.lines: list[str] = []
        self.messages: list[str] = []

    def take(self, data: bytes) -> bool:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._add(line)
        self._rest = self._rest[: 16 * _LONGEST_LINE]
        return len(self.lines) <= self._limit

    def _add(self, line: bytes) -> None:
        name, separator, rest = line.partition(b"\0")
        if not separator:
            self.messages.append(line.decode(errors="replace"))
            return
        number, _, text = rest.decode(errors="replace").partition(":")
        shown = text if len(text) <= _LONGEST_LINE else text[:_LONGEST_LINE] + "…"
        path = shown_name(os.fsdecode(name.removeprefix(b"./")))
        self.lines.append(f"{path}:{number}: {shown}")


async def search_codebase(parameters: SearchParameters, context: ToolContext) -> ToolOutcome:
    if "\0" in parameters.pattern:
        raise ToolError("A pattern cannot contain a NUL character.")
    path = inner_path(parameters.path)
    with opened(context, path, os.O_RDONLY):
        pass  # only to tell at once what is wrong with the path
    matches = _Matches(context.settings.search_limit)
    with workspace_root(context) as folder:
        process = _process(parameters, path, context, folder=folder)
        report = await run_process(process, context.lease, output=matches)
    return _outcome(parameters, matches, report, context=context)


def _process(
    parameters: SearchParameters, path: str, context: ToolContext, *, folder: int
) -> ToolProcess:
    """Ripgrep in the sandbox, because it opens files by name; else our own search, which does not."""
    ripgrep = shutil.which("rg")
    with explained("the sandbox's state folder"):
        programs = find_programs(context.settings.state_folder) if context.sandbox.works else None
    timeout = context.settings.search_timeout
    if programs is None or ripgrep is None or not is_visible(ripgrep):
        own = [sys.executable, "-I", "-S", "-c", _START, *_own_arguments(parameters, path)]
        return ToolProcess(own, timeout, folder_descriptor=folder)
    command = isolated(
        programs, [ripgrep, *_ripgrep_arguments(parameters), path], workspace=path_of(folder)
    )
    return ToolProcess(command, timeout, seccomp=seccomp_program())


def _own_arguments(parameters: SearchParameters, path: str) -> list[str]:
    kind = "literal" if parameters.literal else "regex"
    case = "ignore" if parameters.ignore_case else "match"
    return [parameters.pattern, path, parameters.glob or "", kind, case]


def _ripgrep_arguments(parameters: SearchParameters) -> list[str]:
    """What is searched does not depend on ignore files, so that both ways find the same."""
    globs = [parameters.glob] if parameters.glob else []
    globs += [f"!{folder}" for folder in SKIPPED_FOLDERS]
    return [
        *("--no-config", "--no-heading", "--with-filename", "--line-number", "--null"),
        *("--color=never", "--no-messages", "--sort=path", "--hidden", "--no-ignore"),
        f"--max-filesize={LARGEST_FILE}",
        *(f"--glob={glob}" for glob in globs),
        *(["--fixed-strings"] if parameters.literal else []),
        *(["--ignore-case"] if parameters.ignore_case else []),
        f"--regexp={parameters.pattern}",
        "--",
    ]


def _outcome(
    parameters: SearchParameters, matches: _Matches, report: Report, *, context: ToolContext
) -> ToolOutcome:
    limit = context.settings.search_limit
    lines = matches.lines[:limit]
    summary = f"{len(lines)} matching lines for {parameters.pattern!r}"
    if report.reason == "exited" and report.exit_code == _WRONG_PATTERN and not lines:
        raise ToolError(f"The search failed: {' '.join(matches.messages) or 'wrong pattern'}")
    if len(matches.lines) > limit:
        lines.append(f"[cut: first {limit} matching lines]")
    elif report.reason == "timeout":
        lines.append(f"[not finished: stopped after {context.settings.search_timeout:g} seconds]")
    elif report.reason != "exited":
        raise ToolError(f"The search was stopped ({report.reason}). {report.detail}".strip())
    return ToolOutcome(ok=True, text="\n".join(lines) or "No line matches.", summary=summary)


TOOL = Tool(
    name="search_codebase",
    description=(
        "Find lines in the workspace's text files. Each result is `path:line: text`. "
        "Hidden files are searched; .git, node_modules, .venv and __pycache__ are not."
    ),
    category="files",
    parameters=SearchParameters,
    handler=search_codebase,
    effect=Effect.READ,
    tiers=FILE_TIERS,
    own_timeout=True,
)
