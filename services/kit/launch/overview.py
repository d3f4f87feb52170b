"""`scripts/up --check`: what would run, with which programs; changes nothing."""

import shutil

from services.kit.launch import dashboard, ports, postgres, redis
from services.kit.launch.checks import check_safe
from services.kit.launch.configuration import ROOT, Configuration
from services.kit.launch.problem import LaunchError
from services.kit.launch.progress import say
from services.kit.launch.run_locks import held_locks

# Programs that Nova's agents use; without one its tool is off and says so.
_OPTIONAL = {
    "bwrap": "the sandbox for the agents' shell (Debian: bubblewrap)",
    "rg": "code search (Debian: ripgrep)",
    "git": "worktrees for code generation",
}
_COMES = "comes with the Python packages, which are not installed yet"


def print_overview(configuration: Configuration) -> None:
    """Print home, programs and processes; raise LaunchError for what would be refused at once."""
    say(f"Home        {configuration.home}" + ("" if configuration.home.exists() else " (new)"))
    say(f"Workspace   {configuration.workspace}")
    say(f"Bind        {configuration.bind}, authentication {_yes(configuration.auth_required)}")
    say(f"PostgreSQL  {_postgres(configuration)}")
    say(f"Redis       {_redis(configuration)}")
    say(f"Dashboard   {_dashboard()}")
    for program, purpose in _OPTIONAL.items():
        say(f"{program:<11} {shutil.which(program) or f'missing: {purpose} will be off'}")
    running = held_locks(str(configuration.run_dir)) if configuration.run_dir.is_dir() else []
    say("\nProcesses" + (" (running now)" if running else ""))
    for process in configuration.processes():
        where = ""
        if process.default_port is not None:
            port, host = configuration.port(process), configuration.host(process)
            where = f"{host}:{port}"
            if not running and ports.is_taken(host, port):
                where += f"  TAKEN by {ports.holder(port) or 'another program'}"
        say(f"  {process.name:<15} {where}")
    check_safe(configuration)


def _yes(required: bool) -> str:  # noqa: FBT001 - one word for one flag
    return "required" if required else "NOT required"


def _environment_is_made() -> bool:
    return (ROOT / ".venv" / "bin" / "python").exists()


def _postgres(configuration: Configuration) -> str:
    if not configuration.owns_postgres:
        return "the server in DATABASE_URL"
    try:
        found = postgres.find_binaries()
    except LaunchError as error:
        return f"MISSING: {error}" if _environment_is_made() else _COMES
    return f"{found.version} with pgvector, {found.folder} ({found.origin})"


def _redis(configuration: Configuration) -> str:
    if not configuration.owns_redis:
        return "the server in REDIS_URL"
    try:
        found = redis.find_server()
    except LaunchError as error:
        return f"MISSING: {error}" if _environment_is_made() else _COMES
    return f"{found.version}, {found.path} ({found.origin})"


def _dashboard() -> str:
    if dashboard.is_current():
        return f"built ({dashboard.FOLDER / 'dist'})"
    try:
        return f"would be built with the Node.js in {dashboard.node_folder()}"
    except LaunchError as error:
        return f"MISSING: {error}"
