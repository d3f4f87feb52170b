"""What the supervisor is asked to do and what it reports, as they cross the pipes.

Named tuples, not dataclasses: importing those would be a third of this program's start.
"""

import json
from typing import NamedTuple


class Limits(NamedTuple):
    """Bytes, seconds and counts. The last two are sums over all processes of the tool."""

    cpu_seconds: int = 300
    address_space: int = 32 << 30  # a bound on reservations; `memory` bounds what is really used
    file_size: int = 1 << 30
    open_files: int = 1024
    processes: int = 256  # threads count too
    memory: int = 2 << 30


class Order(NamedTuple):
    """One tool process. With `seccomp` (a BPF program in hex) the command is bubblewrap's."""

    command: list[str]
    environment: dict[str, str]
    timeout: float
    deadline: float
    seccomp: str = ""
    folder_descriptor: int | None = None  # the folder to start in; inherited
    limits: Limits = Limits()

    def encode(self) -> bytes:
        return json.dumps(self).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> "Order":
        *values, limits = json.loads(line)
        return cls(*values, limits=Limits(*limits))


class Report(NamedTuple):
    """How it ended. No exit code: the tool's program was never started."""

    reason: str  # exited, timeout, lease, abandoned, processes, memory, not_started
    exit_code: int | None
    detail: str = ""

    def encode(self) -> bytes:
        return json.dumps(self).encode()

    @classmethod
    def decode(cls, text: bytes) -> "Report":
        return cls(*json.loads(text))
