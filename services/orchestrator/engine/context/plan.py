"""Divides a model's window among system prompt, tools, memories, history and the work at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# Where nobody says how much a model takes; small local models are often run with less than that,
# and their window can be set (NOVA_MODEL_PRICES).
UNKNOWN_WINDOW = 32_768
_LARGEST_REPLY_SHARE = 0.25
_SMALLEST_WINDOW = 512


class Shares(BaseModel):
    """Shares of the window that the reply leaves; together 1, else they are scaled."""

    model_config = ConfigDict(frozen=True)

    system: float = Field(default=0.10, ge=0, le=1)
    tools: float = Field(default=0.15, ge=0, le=1)
    memory: float = Field(default=0.40, ge=0, le=1)
    history: float = Field(default=0.20, ge=0, le=1)
    working: float = Field(default=0.15, ge=0, le=1)
    compaction_threshold: float = Field(default=0.80, gt=0, le=1)


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """Tokens for each part of one agent's conversation. `window` None: the model's is not known."""

    window: int | None
    room: int
    system: int
    tools: int
    memory: int
    history: int
    working: int
    threshold: int
    """Above this many tokens the oldest tool results are left out."""

    @property
    def largest_result(self) -> int:
        """What one tool result may take when it comes in."""
        return max(self.working // 2, self.room // 20)


class ContextFacts(BaseModel):
    """What a run's plans follow from; journalled, so that a resumed run plans the same.

    `windows` has tokens by model; None where they are not known.
    """

    model_config = ConfigDict(frozen=True)

    windows: dict[str, int | None] = {}
    shares: Shares = Shares()

    @classmethod
    def of_journal(cls, facts: Mapping[str, Any] | None) -> "ContextFacts":
        """From a journalled step; one of an older version has none."""
        try:
            return cls.model_validate((facts or {}).get("context", {}))
        except ValidationError:
            return cls()

    def plan(
        self, models: Sequence[str], *, max_tokens: int | None, most: int | None = None
    ) -> ContextPlan:
        """For a conversation that any of `models` may have to take: the smallest window counts.

        `most` is what the agent's owner allows, whatever the models could take.
        """
        known = [window for model in models if (window := self.windows.get(model)) is not None]
        window = max(min(known), _SMALLEST_WINDOW) if known else None
        size = min(window or UNKNOWN_WINDOW, max(most or UNKNOWN_WINDOW * 1_000, _SMALLEST_WINDOW))
        largest_reply = int(size * _LARGEST_REPLY_SHARE)
        room = size - min(max_tokens or largest_reply, largest_reply)
        shares = self.shares
        total = shares.system + shares.tools + shares.memory + shares.history + shares.working
        scale = room / total if total > 0 else room
        return ContextPlan(
            window=window,
            room=room,
            system=int(shares.system * scale),
            tools=int(shares.tools * scale),
            memory=int(shares.memory * scale),
            history=int(shares.history * scale),
            working=int(shares.working * scale),
            threshold=int(room * shares.compaction_threshold),
        )
