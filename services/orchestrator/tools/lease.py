"""How long a task's tools may go on: the engine extends it, a running tool's supervisor obeys it."""

from collections.abc import Callable

from services.orchestrator.tools.sandbox.supervisor.clock import now

__all__ = ["ToolLease", "now"]


class ToolLease:
    """The moment up to which this worker may act for its task.

    The engine reads `now()` *before* it sends a heartbeat, and calls `extend(that + lease seconds)`
    when the heartbeat has succeeded. A tool's supervisor kills the tool at `until`, whatever
    becomes of the worker (stopped, cut off from PostgreSQL, killed).
    """

    def __init__(self, until: float) -> None:
        self._until = until
        self._listeners: list[Callable[[float], None]] = []

    @property
    def until(self) -> float:
        return self._until

    @property
    def remaining(self) -> float:
        """Seconds left, negative when the lease is over."""
        return self._until - now()

    def extend(self, until: float) -> None:
        """Moves the end on; an earlier end than the present one is passed on as well."""
        self._until = until
        for listener in tuple(self._listeners):
            listener(until)

    def watch(self, listener: Callable[[float], None]) -> Callable[[], None]:
        """Calls `listener(until)` at every change; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
