"""What must be right before anything starts; each failure says what to do."""

from collections.abc import Sequence

from services.kit.launch import ports
from services.kit.launch.configuration import Configuration
from services.kit.launch.problem import LaunchError
from services.kit.launch.processes import Process
from services.kit.launch.run_locks import held_locks


def check_safe(configuration: Configuration) -> None:
    """Refuse to serve strangers without authentication."""
    if not configuration.auth_required and configuration.listens_outside_loopback():
        raise LaunchError(
            f"REQUIRE_AUTH=false lets anybody use Nova, and NOVA_BIND={configuration.bind} is not "
            "a loopback address.\nSet REQUIRE_AUTH=true, or NOVA_BIND=127.0.0.1."
        )


def check_not_running(configuration: Configuration) -> None:
    held = held_locks(str(configuration.run_dir)) if configuration.run_dir.is_dir() else []
    if held:
        raise LaunchError(
            f"Nova already runs on {configuration.home} ({', '.join(sorted(held))}).\n"
            "Stop it first, or set NOVA_HOME to another folder."
        )


def check_not_kept(configuration: Configuration, name: str) -> None:
    if name in held_locks(str(configuration.run_dir)):
        raise LaunchError(
            f"{name} already runs on {configuration.home}.\n"
            "Stop Nova first, or set NOVA_HOME to another folder."
        )


def check_ports(configuration: Configuration, processes: Sequence[Process]) -> None:
    """Refuse ports that are taken or given twice."""
    problems: list[str] = []
    seen: dict[int, str] = {}
    for process in processes:
        if process.default_port is None:
            continue
        port = configuration.port(process)
        if port in seen:
            problems.append(f"Port {port} is given to {seen[port]} and {process.port_variable}.")
            continue
        seen[port] = process.port_variable
        if ports.is_taken(configuration.host(process), port):
            by = ports.holder(port) or "another program"
            problems.append(
                f"Port {port} for {process.name} is taken by {by}: "
                f"free it, or set {process.port_variable} to another port."
            )
    if problems:
        raise LaunchError("\n".join(problems))
