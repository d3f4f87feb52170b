"""What the sandbox's self-test found; without a good one no command is run."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """`checks` maps what was tried to "ok" or what was seen instead."""

    works: bool
    reason: str  # why it does not work, for people and models; empty if it works
    host_allowed: bool = False  # SHELL_SANDBOX=host: pods of the host tier may leave the sandbox
    checks: dict[str, str] = field(default_factory=dict[str, str])


UNTESTED = SandboxReport(works=False, reason="The sandbox has not been tested.")
