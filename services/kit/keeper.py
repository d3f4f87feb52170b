"""Keep one process running: restart it with backoff, kill what it leaves behind, say how it is.

Used on bare metal only, between honcho and each process; systemd and Compose restart by themselves.
Twelve keepers run at once, so this imports as little as possible (no pathlib, no subprocess).

    main(["--run-dir", DIR, "--log", FILE, "--stop-signal", N, "--last", NAME, "--", COMMAND...])

SIGTERM and SIGINT end it with its process, SIGUSR2 restarts the process, SIGHUP is passed on. The
state stands in DIR/NAME.json; DIR/NAME.lock is held for as long as the keeper lives.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time

from services.kit.launch.log_files import move_aside_if_long
from services.kit.launch.process_tree import command_line, descendants_of, parent_of, send
from services.kit.launch.run_locks import held_locks, hold_lock

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None)
HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2, signal.SIGCHLD)

FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 10.0
# A process that lived this long did start; its next death backs off from new.
SETTLED_SECONDS = 5.0
# After this long without an end a process counts as running, not as starting.
STARTING_SECONDS = 0.5
# honcho kills everything 5 s after it asked: the others end within 2.5 s, and PostgreSQL and Redis
# (--last), which wait for them, within 3 + 1.5 s.
STOP_SECONDS = 2.5
WAIT_FOR_OTHERS_SECONDS = 3.0
STOP_LAST_SECONDS = 1.5
RESTART_STOP_SECONDS = 10.0
ORPHAN_SECONDS = 0.5
LOG_CHECK_SECONDS = 60.0


class Keeper:
    """One kept process. pause() is the only place that waits, so no signal is ever missed."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        run_dir: str,
        log: str | None,
        stop_signal: int,
        last: bool,
    ) -> None:
        self.name = name
        self.command = command
        self.run_dir = run_dir
        self.log = log
        self.stop_signal = stop_signal
        self.last = last
        self.pid: int | None = None
        self.exit_code: int | None = None
        self.started_at: str | None = None
        self.restarts = 0
        self.state = "starting"
        self.stopping = False
        self.restarting = False
        self.poll = select.poll()
        self.wakeup = self._listen_for_signals()
        self.log_checked = time.monotonic()

    def run(self) -> None:
        """Keep the process until asked to stop, or until whoever started the keeper is gone."""
        self._watch_starters()
        backoff = FIRST_BACKOFF_SECONDS
        while not self.stopping:
            began = time.monotonic()
            self._spawn()
            self._stay_with_it(began)
            if self.stopping:
                break
            self._stop_process(RESTART_STOP_SECONDS)
            self._kill_orphans()
            if time.monotonic() - began >= SETTLED_SECONDS:
                backoff = FIRST_BACKOFF_SECONDS
            if not self.restarting:
                self._back_off(backoff, lived=time.monotonic() - began)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
            self.restarts += 1
        self._end()

    def pause(self, seconds: float) -> None:
        """Wait for seconds at most; take in signals, ended children and a lost starter."""
        for descriptor, _ in self.poll.poll(max(0.0, seconds) * 1000):
            if descriptor == self.wakeup:
                for number in os.read(self.wakeup, 4096):
                    self._receive(number)
            else:  # whoever started us has ended
                self.poll.unregister(descriptor)
                self._say("what started this keeper has ended: stopping")
                self.stopping = True
        self._reap()

    def _listen_for_signals(self) -> int:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in HANDLED:
            signal.signal(number, _only_wake_up)
        self.poll.register(reader, select.POLLIN)
        return reader

    def _watch_starters(self) -> None:
        """Notice when honcho dies. It forks once per process, so its main one is our grandparent."""
        process = os.getppid()
        first = True
        while process > 1 and (first or b"honcho" in command_line(process)):
            try:
                self.poll.register(os.pidfd_open(process), select.POLLIN)
            except ProcessLookupError:
                self.stopping = True
                return
            process = parent_of(process)
            first = False

    def _receive(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self.stopping = True
        elif number == signal.SIGUSR2:
            self.restarting = True
        elif number == signal.SIGHUP and self.pid:
            send(self.pid, signal.SIGHUP)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.pid:
                    self.pid = None
                    self.exit_code = os.waitstatus_to_exitcode(status)

    def _spawn(self) -> None:
        self.restarting = False
        self.started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        keeper = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._become_process(keeper)
        self._report("starting")

    def _become_process(self, keeper: int) -> None:
        """In the forked child: never returns."""
        try:
            signal.set_wakeup_fd(-1)
            os.setsid()
            LIBC.prctl(PR_SET_PDEATHSIG, self.stop_signal, 0, 0, 0)
            if os.getppid() != keeper:  # it died before we asked for the signal
                os._exit(1)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, programs expect it
            if self.log:
                output = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                os.dup2(output, 1)
                os.dup2(output, 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.execvp(self.command[0], self.command)
        except OSError as error:
            os.write(2, f"{self.name}: {self.command[0]}: {error.strerror}\n".encode())
        finally:
            os._exit(127)

    def _stay_with_it(self, began: float) -> None:
        while self.pid and not self.stopping and not self.restarting:
            if self.state == "starting":
                left = began + STARTING_SECONDS - time.monotonic()
                if left <= 0:
                    self._report("running")
                    continue
            else:
                left = LOG_CHECK_SECONDS
            self.pause(left)
            self._limit_log()

    def _back_off(self, seconds: float, *, lived: float) -> None:
        code = self.exit_code
        how = f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        self._say(f"ended ({how}) after {lived:.1f} s; starts again in {seconds:.1f} s")
        self._report("backoff")
        until = time.monotonic() + seconds
        while not self.stopping and not self.restarting and time.monotonic() < until:
            self.pause(until - time.monotonic())

    def _end(self) -> None:
        seconds = STOP_SECONDS
        if self.last:
            self._wait_for_others()
            seconds = STOP_LAST_SECONDS
        self._stop_process(seconds)
        self._kill_orphans()
        self._report("stopped")

    def _stop_process(self, seconds: float) -> None:
        """Ask the process to end; kill it after seconds."""
        if self.pid:
            send(self.pid, self.stop_signal)
        until = time.monotonic() + seconds
        while self.pid and time.monotonic() < until:
            self.pause(min(0.1, until - time.monotonic()))
            if self.stopping:  # asked to stop during a restart: honcho's patience counts from now
                until = min(until, time.monotonic() + STOP_LAST_SECONDS)
        while self.pid:
            self._say(f"did not end within {seconds:.1f} s: killed")
            send(self.pid, signal.SIGKILL)
            self.pause(0.5)

    def _kill_orphans(self) -> None:
        """End every descendant that outlived the process, whatever session it is in."""
        number = signal.SIGTERM
        until = time.monotonic() + ORPHAN_SECONDS
        asked: set[int] = set()
        while left := descendants_of(os.getpid()):
            if time.monotonic() > until:
                number = signal.SIGKILL
            for pid in left:
                if pid not in asked or number == signal.SIGKILL:
                    send(pid, number)
                    asked.add(pid)
            self.pause(0.02)

    def _wait_for_others(self) -> None:
        """Wait until no keeper but those of PostgreSQL and Redis is left."""
        until = time.monotonic() + WAIT_FOR_OTHERS_SECONDS
        while time.monotonic() < until and set(held_locks(self.run_dir)) - {"postgres", "redis"}:
            self.pause(0.05)

    def _limit_log(self) -> None:
        if self.log and time.monotonic() - self.log_checked >= LOG_CHECK_SECONDS:
            self.log_checked = time.monotonic()
            move_aside_if_long(self.log)

    def _report(self, state: str) -> None:
        """Write the state file, whole or not at all."""
        self.state = state
        words = command_line(self.pid).decode(errors="replace").split("\0") if self.pid else []
        report = {
            "name": self.name,
            "keeper_pid": os.getpid(),
            "pid": self.pid,
            "state": state,
            "restarts": self.restarts,
            "started_at": self.started_at,
            "exit_code": self.exit_code,
            "command": [word for word in words if word] or self.command,
        }
        fresh = f"{self.run_dir}/.{self.name}.json.new"
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(report, file)
        os.replace(fresh, f"{self.run_dir}/{self.name}.json")

    def _say(self, text: str) -> None:
        line = f"keeper[{self.name}] {text}\n"
        with contextlib.suppress(OSError):  # honcho's end of the pipe may be gone
            os.write(1, line.encode())
        if self.log:
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(line)


def _only_wake_up(_number: int, _frame: object) -> None:
    """Leave the work to pause(), which reads the signal's number from the wake-up pipe."""


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    options, command = arguments[:split], arguments[split + 1 :]
    name = options.pop()
    last = "--last" in options
    if last:
        options.remove("--last")
    given = dict(zip(options[::2], options[1::2], strict=True))
    run_dir = given["--run-dir"]
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    lock = hold_lock(run_dir, name)
    if lock is None:
        sys.exit(f"{name} already runs on this home ({run_dir} is in use).")
    keeper = Keeper(
        name,
        command,
        run_dir=run_dir,
        log=given.get("--log"),
        stop_signal=int(given.get("--stop-signal", signal.SIGTERM)),
        last=last,
    )
    keeper.run()
    os.close(lock)
