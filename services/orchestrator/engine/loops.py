"""Notices an agent that goes in circles: the same calls with the same outcomes, again and again."""

import hashlib
from collections import Counter

import orjson

from contracts.chat import ToolCall
from services.orchestrator.engine.errors import LoopDetected
from services.orchestrator.tools.base import ToolOutcome

MOST_REPETITIONS = 3
MOST_IDLE_ROUNDS = 3
REPEATED_NOTE = (
    "\n[Nova: you have made this very call before, with this very result. "
    "Do something else, or answer with what you know.]"
)


class LoopWatch:
    """Follows one agent's rounds. What it finds depends on calls and outcomes alone, so that a
    resumed run comes to the same.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._idle_rounds = 0
        self._progress = False

    def add(self, call: ToolCall, outcome: ToolOutcome) -> bool:
        """Note a call; whether it is a repetition. Raises LoopDetected at the third time."""
        key = _key(call, outcome)
        self._seen[key] += 1
        if self._seen[key] >= MOST_REPETITIONS:
            raise LoopDetected(
                f"The agent made the same call of {call.name} {MOST_REPETITIONS} times, each with "
                f"the same result: {outcome.summary[:200]}"
            )
        repeated = self._seen[key] > 1
        self._progress = self._progress or not repeated
        return repeated

    def end_round(self) -> None:
        """Raises LoopDetected after several rounds in which nothing new has come out."""
        self._idle_rounds = 0 if self._progress else self._idle_rounds + 1
        self._progress = False
        if self._idle_rounds >= MOST_IDLE_ROUNDS:
            raise LoopDetected(
                f"The agent has made no progress in {MOST_IDLE_ROUNDS} rounds: every call it made "
                "repeated an earlier one with the same result."
            )


def _key(call: ToolCall, outcome: ToolOutcome) -> str:
    arguments = orjson.dumps(call.arguments, option=orjson.OPT_SORT_KEYS)
    content = b"\0".join([call.name.encode(), arguments, outcome.text.encode(errors="replace")])
    return hashlib.sha256(content).hexdigest()
