"""One process list: Procfile, launcher, docker-compose.yml and flake.nix name the same processes."""

import re
from pathlib import Path

import pytest
import yaml

from services.kit.launch.commands import command_line
from services.kit.launch.configuration import Configuration
from services.kit.launch.processes import PROCESSES, Process

ROOT = Path(__file__).parents[2]
# In containers the launcher has no part, and profiles add model servers and tunnels.
STORES = {"postgres", "redis"}


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_the_procfile_has_the_launchers_processes() -> None:
    assert list(procfile()) == list(PROCESSES)


@pytest.mark.parametrize("name", PROCESSES)
def test_each_line_runs_its_own_process(name: str) -> None:
    assert procfile()[name] == f"exec scripts/run {name}"


def test_compose_has_the_same_processes() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    unconditional = {
        name for name, service in compose["services"].items() if not service.get("profiles")
    }
    assert unconditional == set(PROCESSES)


def test_the_flake_has_the_same_processes() -> None:
    text = (ROOT / "flake.nix").read_text()
    listed = re.search(r"\bprocesses = \[(.*?)\]", text, re.DOTALL)
    assert listed
    assert set(re.findall(r'"([\w-]+)"', listed[1])) == set(PROCESSES)


@pytest.mark.parametrize(
    "process",
    [process for process in PROCESSES.values() if process.name not in STORES],
    ids=lambda process: process.name,
)
def test_each_process_has_its_package(process: Process) -> None:
    command = command_line(Configuration(Path("/nowhere"), {}), process)
    module = next(
        word.partition(":")[0] for word in command if re.match(r"services\.(?!kit)", word)
    )
    assert (ROOT / f"{module.replace('.', '/')}.py").exists()
