"""A sliding window of requests and tokens in this process; sliding_window.lua is the same in Redis."""

import math
from dataclasses import dataclass

WINDOW_MS = 60_000
SLOT_MS = 1_000
NO_LIMIT = -1


@dataclass(frozen=True, slots=True)
class Limits:
    """The most requests and tokens in one window; None is no limit."""

    requests: int | None
    tokens: int | None


@dataclass(slots=True)
class Counted:
    """What a window says to a question: whether it was admitted, and what is counted now.

    Times in ms: until it would be admitted, and until nothing is counted any more. `reserved` tokens
    were taken in `slot`; `in_redis` says in whose window, `limits` by which limits.
    """

    admitted: bool
    requests: int
    tokens: int
    wait_ms: int
    requests_reset_ms: int
    tokens_reset_ms: int
    reserved: int
    slot: int
    limits: Limits
    in_redis: bool


class Window:
    """Time is cut into slots; a slot counts until a whole window has passed since its end.

    So no stretch of time as long as the window ever holds more than was allowed, and what is
    admitted counts for at most one slot too long. Times are ms of any clock that only rises.
    """

    __slots__ = ("_at", "_requests", "_slot_ms", "_slots", "_tokens", "_used")

    def __init__(self, *, window_ms: int = WINDOW_MS, slot_ms: int = SLOT_MS) -> None:
        self._slot_ms = slot_ms
        self._slots = -(-window_ms // slot_ms)
        self._used: dict[int, tuple[int, int]] = {}  # by slot, oldest first
        self._at = 0
        self._requests = 0
        self._tokens = 0

    def ask(self, now_ms: float, *, requests: int, tokens: int, limits: Limits) -> Counted:
        """Take requests and tokens if both fit, else nothing."""
        now = self._forget(now_ms)
        wait = 0
        if limits.requests is not None:
            wait = self._passes(now_ms, 0, self._requests + requests - limits.requests)
        if limits.tokens is not None:
            surplus = self._tokens + tokens - limits.tokens
            wait = max(wait, self._passes(now_ms, 1, surplus))
        if wait == 0 and (requests or tokens):
            self._add(now, requests, tokens)
        return Counted(
            admitted=wait == 0,
            requests=self._requests,
            tokens=self._tokens,
            wait_ms=wait,
            requests_reset_ms=self._free(now_ms, 0),
            tokens_reset_ms=self._free(now_ms, 1),
            reserved=tokens,
            slot=now,
            limits=limits,
            in_redis=False,
        )

    def give_back(self, now_ms: float, *, tokens: int, slot: int | None) -> None:
        """Tokens that were taken in `slot` and not used, if that still counts.

        Without a slot they are taken off the oldest: too much is counted then, never too little.
        """
        self._forget(now_ms)
        for place in list(self._used) if slot is None else [slot]:
            requests, there = self._used.get(place, (0, 0))
            back = min(tokens, there)
            if back > 0:
                self._used[place] = (requests, there - back)
                self._tokens -= back
                tokens -= back

    def is_empty(self, now_ms: float) -> bool:
        self._forget(now_ms)
        return not self._used

    def _forget(self, now_ms: float) -> int:
        self._at = max(self._at, int(now_ms // self._slot_ms))
        while self._used and (oldest := next(iter(self._used))) < self._at - self._slots:
            requests, tokens = self._used.pop(oldest)
            self._requests -= requests
            self._tokens -= tokens
        return self._at

    def _add(self, slot: int, requests: int, tokens: int) -> None:
        before = self._used.get(slot, (0, 0))
        self._used[slot] = (before[0] + requests, before[1] + tokens)
        self._requests += requests
        self._tokens += tokens

    def _passes(self, now_ms: float, kind: int, surplus: int) -> int:
        """When `surplus` of what is counted will have passed, in ms; 0 if there is none."""
        if surplus <= 0:
            return 0
        for slot, used in self._used.items():
            surplus -= used[kind]
            if surplus <= 0:
                return self._ends(slot, now_ms)
        return self._ends(self._at, now_ms)

    def _free(self, now_ms: float, kind: int) -> int:
        if not (self._tokens if kind else self._requests):
            return 0
        for slot in reversed(self._used):
            if self._used[slot][kind] > 0:
                return self._ends(slot, now_ms)
        return 0

    def _ends(self, slot: int, now_ms: float) -> int:
        return math.ceil((slot + self._slots + 1) * self._slot_ms - now_ms)
