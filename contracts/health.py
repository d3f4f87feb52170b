"""What the health routes answer."""

from typing import Literal

from contracts.base import Answer


class Liveness(Answer):
    status: Literal["alive"] = "alive"


class Readiness(Answer):
    """`checks` maps a dependency to "ok" or to the reason why it is not."""

    status: Literal["starting", "ready", "degraded"]
    checks: dict[str, str] = {}
