"""What is executed for each process, and how its keeper is told to treat it."""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from services.kit.launch import postgres, redis
from services.kit.launch.configuration import ROOT, Configuration, child_environment
from services.kit.launch.processes import (
    STARTED_ON_FIRST_USE,
    WORKER_ARGUMENTS,
    Kind,
    Process,
)

# -I -S: no site-packages and no site module, which saves a keeper two megabytes.
_KEEPER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from services.kit.keeper import main; "
_LEAN = [sys.executable, "-I", "-S", "-c"]


def keep(configuration: Configuration, process: Process) -> NoReturn:
    """Become the process's keeper."""
    options = ["--run-dir", str(configuration.run_dir)]
    if configuration.values.get("NOVA_LOG_FILES") == "true":
        options += ["--log", str(log_file(configuration, process.name))]
    if process.kind is Kind.STORE:
        options.append("--last")
    if process.name == "postgres":
        options += ["--stop-signal", str(int(signal.SIGINT))]
    start = [sys.executable, "-m", "services.kit.launch", "exec", process.name]
    command = [
        *_LEAN,
        _KEEPER + "main(sys.argv[1:])",
        str(ROOT),
        *options,
        process.name,
        "--",
        *start,
    ]
    os.chdir(ROOT)
    os.execve(command[0], command, os.environ | {"NOVA_HOME": str(configuration.home)})


def log_file(configuration: Configuration, name: str) -> Path:
    return configuration.home / "logs" / f"{name}.log"


def become(configuration: Configuration, process: Process) -> NoReturn:
    """Become the process itself, with the settings as they are now."""
    if process.name == "postgres" and configuration.owns_postgres:
        postgres.forget_stale_lock(configuration.home / "postgres")
    if process.name == "redis" and configuration.owns_redis:
        redis.configure(
            configuration.home / "redis",
            port=configuration.port(process),
            password=configuration.values["NOVA_REDIS_PASSWORD"],
        )
    command = command_line(configuration, process)
    os.chdir(ROOT)
    os.execvpe(command[0], command, child_environment(configuration, process))


def command_line(configuration: Configuration, process: Process) -> list[str]:
    """The command that runs the process in the foreground."""
    if process.kind is Kind.STORE:
        return _store_command(configuration, process)
    if process.kind is Kind.WORKER:
        return [sys.executable, "-m", *WORKER_ARGUMENTS[process.name]]
    serve = _web_command(configuration, process)
    eager = configuration.values.get("NOVA_LLM_TRANSLATE_EAGER", "false").lower() == "true"
    if process.name == STARTED_ON_FIRST_USE and not eager:
        waiter = str(ROOT / "services/kit/launch/wait_for_use.py")
        address = [configuration.host(process), str(configuration.port(process))]
        return [sys.executable, "-I", "-S", waiter, *address, *serve]
    return serve


def _store_command(configuration: Configuration, process: Process) -> list[str]:
    if process not in configuration.processes():
        # DATABASE_URL or REDIS_URL names another server. A bare `honcho start` starts this line of
        # the Procfile all the same, and would stop everything if it ended.
        return ["sleep", "infinity"]
    if process.name == "redis":
        return redis.server_command(redis.find_server(), configuration.home / "redis")
    return postgres.server_command(
        postgres.find_binaries(),
        configuration.home / "postgres",
        port=configuration.port(process),
    )


def _web_command(configuration: Configuration, process: Process) -> list[str]:
    return [
        *(sys.executable, "-m", "services.kit.serve", f"{process.package}.main:app"),
        *(configuration.host(process), str(configuration.port(process))),
        *(["--ws"] if process.websockets else []),
    ]
