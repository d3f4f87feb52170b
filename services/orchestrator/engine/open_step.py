"""A call that is under way, as the run sees it that has begun it."""

from typing import Protocol

from services.orchestrator.engine.errors import PersonNeeded


class OpenStep(Protocol):
    """A call that is begun and not settled."""

    async def abandon(self, reason: str) -> None:
        """Settle it as not ended, when its caller has stopped waiting for it."""
        ...

    def question(self) -> PersonNeeded | None:
        """What a person has to answer before the task can go on without the call's end."""
        ...

    def drop(self) -> None:
        """Let go of what it holds in this process, when the run ends before it."""
        ...
