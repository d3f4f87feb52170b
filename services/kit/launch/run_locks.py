"""One lock file per kept process in $NOVA_HOME/run: held for as long as its keeper lives."""

import fcntl
import os
import time

# held_locks() takes each free lock for an instant; a keeper that starts just then tries again.
_TRY_SECONDS = 0.5


def hold_lock(run_dir: str, name: str) -> int | None:
    """Take NAME's lock and return its descriptor; None if another keeper has it."""
    lock = os.open(f"{run_dir}/{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + _TRY_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(lock)
                return None
            time.sleep(0.02)
        else:
            return lock


def held_locks(run_dir: str) -> list[str]:
    """Return the names of the processes that are kept right now."""
    held: list[str] = []
    for entry in os.listdir(run_dir):
        name, dot, kind = entry.rpartition(".")
        if not dot or kind != "lock":
            continue
        with open(f"{run_dir}/{entry}", "rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(name)
    return held
