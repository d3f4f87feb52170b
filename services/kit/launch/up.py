"""`scripts/up`: prepare, start the Procfile under honcho, wait until ready, stop cleanly."""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from services.kit import session_tokens
from services.kit.launch import prepare
from services.kit.launch.checks import check_not_running, check_ports, check_safe
from services.kit.launch.commands import log_file
from services.kit.launch.configuration import ROOT, Configuration, load_configuration
from services.kit.launch.home import open_home
from services.kit.launch.overview import print_overview
from services.kit.launch.problem import LaunchError
from services.kit.launch.processes import PROCESSES
from services.kit.launch.progress import say
from services.kit.launch.readiness import Unready, wait_until_ready
from services.kit.launch.run_locks import held_locks, hold_lock

_PR_SET_PDEATHSIG = 1
# honcho kills what has not ended 5 s after it was asked.
_STOP_SECONDS = 8.0
_LOG_LINES = 25


def up(arguments: list[str]) -> int:
    """Run Nova until it is stopped; return the exit code."""
    options = _parse(arguments)
    if options.check:
        print_overview(load_configuration())
        return 0
    began = time.monotonic()
    configuration = open_home()
    check_safe(configuration)
    lock = hold_lock(str(configuration.home), "up")
    if lock is None:
        check_not_running(configuration)
        raise LaunchError(f"Another scripts/up is starting Nova on {configuration.home}.")
    check_not_running(configuration)
    check_ports(configuration, configuration.processes())
    _check_external(configuration)
    if configuration.owns_postgres:
        prepare.prepare_postgres(configuration)
    prepare.prepare_dashboard()
    _forget_last_run(configuration)
    return _supervise(configuration, options, began=began)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/up",
        description="Run Nova: makes what is missing, starts every process, prints the address. "
        "Ctrl-C stops it.",
        epilog="Settings are environment variables (NOVA_HOME, NOVA_BIND, NOVA_DASHBOARD_PORT, "
        "DATABASE_URL, …), also read from .env; README.md lists them.",
    )
    parser.add_argument(
        "--check", action="store_true", help="print what would run and change nothing"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show the processes' logs in this terminal"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=120,
        metavar="SECONDS",
        help="give up if Nova is not ready by then (default: 120)",
    )
    return parser.parse_args(arguments)


def _check_external(configuration: Configuration) -> None:
    given = {
        name: configuration.values[name]
        for name in ("DATABASE_URL", "REDIS_URL")
        if name in configuration.values
    }
    if not given:
        return
    say(f"Checking {' and '.join(given)} …")
    checked = subprocess.run(
        [sys.executable, "-m", "services.kit.launch.external"],
        cwd=ROOT,
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
    )
    if checked.returncode != 0:
        raise LaunchError(checked.stderr.strip())


def _forget_last_run(configuration: Configuration) -> None:
    """Drop the last run's reports, and keep its logs once as NAME.log.old."""
    for report in configuration.run_dir.glob("*.json"):
        report.unlink()
    for log in (configuration.home / "logs").glob("*.log"):
        log.replace(log.with_suffix(".log.old"))


def _supervise(configuration: Configuration, options: argparse.Namespace, *, began: float) -> int:
    stop_asked = False

    def ask_to_stop(_number: int, _frame: object) -> None:
        nonlocal stop_asked
        stop_asked = True

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    say("Starting the processes …")
    honcho = _start_honcho(configuration, verbose=options.verbose)
    try:
        unready = wait_until_ready(
            configuration,
            configuration.processes(),
            seconds=options.timeout,
            abandoned=lambda: stop_asked or honcho.poll() is not None,
        )
        if unready and not stop_asked:
            _explain(configuration, unready, honcho)
            return 1
        if not unready:
            _greet(configuration, seconds=time.monotonic() - began)
        while not stop_asked:
            if honcho.poll() is not None:
                say("Nova ended unexpectedly; what was said last:")
                _print_tail(log_file(configuration, "honcho"))
                return 1
            time.sleep(0.2)
        return 0
    finally:
        _stop(configuration, honcho)


def _start_honcho(configuration: Configuration, *, verbose: bool) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None)
    environment = os.environ | {"NOVA_HOME": str(configuration.home)}
    if not verbose:
        environment["NOVA_LOG_FILES"] = "true"
    names = [process.name for process in configuration.processes()]
    # The keepers read .env themselves, under the real environment; honcho would put it above.
    command = [sys.executable, "-m", "honcho", "-e", os.devnull, "-f", str(ROOT / "Procfile")]
    with log_file(configuration, "honcho").open("ab") as log:
        return subprocess.Popen(
            [*command, "start", *names],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=None if verbose else log,
            stderr=None if verbose else subprocess.STDOUT,
            # Ctrl-C in the terminal reaches us alone, and we stop honcho.
            start_new_session=True,
            preexec_fn=lambda: libc.prctl(  # noqa: PLW1509 - no thread has been started yet
                _PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0
            ),
        )


def _greet(configuration: Configuration, *, seconds: float) -> None:
    address = configuration.url(PROCESSES["dashboard"])
    token = session_tokens.make_login_token(configuration.values["NOVA_SECRET_KEY"])
    say(
        f"\nNova is ready after {seconds:.1f} s.\n\n"
        f"  Dashboard   {address}/login#token={token}\n"
        f"              (this link logs in once, within ten minutes; after that use the admin\n"
        f"              secret, NOVA_ADMIN_SECRET in {configuration.home / 'env'})\n"
        f"  API         {configuration.url(PROCESSES['orchestrator'])}/docs\n"
        f"  Workspace   {configuration.workspace}\n"
        f"  Logs        {configuration.home / 'logs'}\n\n"
        "Ctrl-C stops it."
    )


def _explain(
    configuration: Configuration, unready: list[Unready], honcho: subprocess.Popen[bytes]
) -> None:
    ended = " (and everything was stopped)" if honcho.poll() is not None else ""
    say(f"\nNova did not get ready{ended}:")
    for state in unready:
        say(f"  {state.name} {state.reason}")
    named = [state.name for state in unready]
    hopeless = [state.name for state in unready if state.hopeless]
    for name in (hopeless or named)[:3]:
        _print_tail(log_file(configuration, name))
    if ended:
        _print_tail(log_file(configuration, "honcho"))


def _print_tail(log: Path) -> None:
    if log.exists():
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        say(f"\nLast lines of {log}:\n  " + "\n  ".join(lines))


def _stop(configuration: Configuration, honcho: subprocess.Popen[bytes]) -> None:
    if honcho.poll() is None:
        say("Stopping …")
        honcho.send_signal(signal.SIGTERM)
    try:
        honcho.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        honcho.kill()
        honcho.wait()
    # If honcho itself was killed, the keepers notice and stop by themselves.
    until = time.monotonic() + _STOP_SECONDS
    while held_locks(str(configuration.run_dir)) and time.monotonic() < until:
        time.sleep(0.1)
    say("Nova has stopped.")
