"""The idempotent preparation before processes start; `scripts/run NAME` does its own part."""

from typing import NoReturn

from services.kit.launch import dashboard, postgres
from services.kit.launch.checks import check_not_kept, check_ports, check_safe
from services.kit.launch.commands import keep
from services.kit.launch.configuration import Configuration
from services.kit.launch.home import exclusive, open_home
from services.kit.launch.problem import LaunchError
from services.kit.launch.processes import PROCESSES
from services.kit.launch.progress import say


def prepare_postgres(configuration: Configuration) -> None:
    """Create the cluster if there is none."""
    data = configuration.home / "postgres"
    with exclusive(configuration.home):
        if not (data / "PG_VERSION").exists():
            say("Creating the database …")
        postgres.initialise(
            postgres.find_binaries(), data, password=configuration.values["NOVA_POSTGRES_PASSWORD"]
        )


def prepare_dashboard() -> None:
    """Build the dashboard if there is no build or its sources are newer."""
    if dashboard.is_current():
        return
    with exclusive(dashboard.FOLDER):
        if not dashboard.is_current():
            dashboard.build()


def run(name: str) -> NoReturn:
    """Prepare, check, and become the keeper of one process."""
    if name not in PROCESSES:
        raise LaunchError(f"{name} is no process of Nova; there are: {', '.join(PROCESSES)}.")
    process = PROCESSES[name]
    configuration = open_home()
    check_safe(configuration)
    check_not_kept(configuration, name)
    if process in configuration.processes():
        check_ports(configuration, [process])
        if name == "postgres":
            prepare_postgres(configuration)
    if name == "dashboard":
        prepare_dashboard()
    keep(configuration, process)
