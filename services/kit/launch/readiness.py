"""Waiting until every process can work."""

import http.client
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.kit.launch import ports
from services.kit.launch.configuration import Configuration
from services.kit.launch.processes import STARTED_ON_FIRST_USE, Kind, Process
from services.kit.launch.progress import SIGN_OF_LIFE_SECONDS, say

EXIT_CONFIGURATION = 78  # sysexits.h: the process will not start with these settings
_POLL_SECONDS = 0.2
_ANSWER_SECONDS = 4.0


@dataclass(frozen=True)
class Unready:
    """A process that can not work yet, and why; hopeless if waiting will not help."""

    name: str
    reason: str
    hopeless: bool = False


def wait_until_ready(
    configuration: Configuration,
    processes: Sequence[Process],
    *,
    seconds: float,
    abandoned: Callable[[], bool],
) -> list[Unready]:
    """Report each process as it becomes ready; return those that did not in time."""
    began = said = time.monotonic()
    waiting = list(processes)

    def ask(process: Process) -> Unready | None:
        return why_unready(configuration, process)

    with ThreadPoolExecutor(len(processes)) as threads:
        while True:
            states = list(threads.map(ask, waiting))
            for process, state in zip(waiting, states, strict=True):
                if state is None:
                    said = time.monotonic()
                    say(f"  {process.name} is ready ({said - began:.1f} s)")
            unready = [state for state in states if state is not None]
            waiting = [
                process for process, state in zip(waiting, states, strict=True) if state is not None
            ]
            over = time.monotonic() - began > seconds or abandoned()
            if not unready or over or any(state.hopeless for state in unready):
                return unready
            if time.monotonic() - said > SIGN_OF_LIFE_SECONDS:
                said = time.monotonic()
                say(f"  waiting for {', '.join(process.name for process in waiting)} …")
            time.sleep(_POLL_SECONDS)


def why_unready(configuration: Configuration, process: Process) -> Unready | None:
    """Ask the process itself; its keeper's report tells about a process that does not answer."""
    report = read_report(configuration, process)
    if report.get("state") != "running":
        code = report.get("exit_code")
        reason = "is starting" if code is None else f"ended with exit code {code}"
        return Unready(process.name, reason, hopeless=code == EXIT_CONFIGURATION)
    if process.name == STARTED_ON_FIRST_USE or process.kind is Kind.WORKER:
        return None
    if process.kind is Kind.STORE:
        port = configuration.port(process)
        if ports.accepts_connections("127.0.0.1", port):
            return None
        return Unready(process.name, f"does not listen on port {port} yet")
    reason = _ask(configuration.url(process))
    return Unready(process.name, reason) if reason else None


def read_report(configuration: Configuration, process: Process) -> dict[str, object]:
    """Read what the process's keeper wrote last; empty if it has not yet."""
    try:
        text = (configuration.run_dir / f"{process.name}.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    report: dict[str, object] = json.loads(text)
    return report


def _ask(url: str) -> str | None:
    """Return why /health/ready does not say ready; None if it does."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=_ANSWER_SECONDS
    )
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"does not answer yet ({error})"
    finally:
        connection.close()
    if answer.status == http.HTTPStatus.OK:
        return None
    return f"answers {answer.status}: {body[:300]}"
