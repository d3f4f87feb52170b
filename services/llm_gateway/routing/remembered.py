"""Routes that were just found, so that not every call has to look for its own."""

import time
from collections.abc import Callable, Hashable

from services.llm_gateway.models.targets import Route

_SECONDS = 1.0
_MOST_ROUTES = 1_000
_LONGEST_NAME = 200


class RememberedRoutes:
    """By the model that is asked for and the models that the caller may use, each for a second: that
    is how long a provider that comes or goes may stay unnoticed.

    `stamp` changes with whatever else a route depends on; all are forgotten then.
    """

    def __init__(self, stamp: Callable[[], Hashable], *, seconds: float = _SECONDS) -> None:
        self._given = stamp
        self._seconds = seconds
        self._known: dict[Hashable, tuple[float, Route]] = {}
        self._forgotten = 0
        self._at: Hashable = None

    def get(self, model: str, allowed: Hashable) -> Route | None:
        found = self._known.get((model, allowed))
        if found is None or time.monotonic() >= found[0] or self._at != self.stamp():
            return None
        return found[1]

    def put(self, model: str, allowed: Hashable, route: Route, *, found_at: Hashable) -> None:
        """`found_at`: the stamp when the search began; what has changed since may not be in it."""
        if found_at != self.stamp() or len(model) > _LONGEST_NAME:
            return
        if self._at != found_at or len(self._known) >= _MOST_ROUTES:
            self._known.clear()
        self._at = found_at
        self._known[model, allowed] = (time.monotonic() + self._seconds, route)

    def stamp(self) -> Hashable:
        return self._forgotten, self._given()

    def forget(self) -> None:
        self._forgotten += 1
