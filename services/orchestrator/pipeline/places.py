"""Numbers the attempts at the stages of a task, and with them its steps."""

from dataclasses import dataclass

from services.orchestrator.engine.agent_loop import STEPS_PER_STAGE

# Round, position and attempt in one number, which numbers the steps: a resumed task finds those of
# each attempt apart. A position is a 32-bit integer; retries are at most 20.
_POSITIONS_PER_ROUND = 2**31
_ATTEMPTS_PER_STAGE = 100


@dataclass(frozen=True, slots=True, order=True)
class StagePlace:
    """Where in its task an attempt at a stage stands; in the order in which they are made."""

    round: int
    position: int
    attempt: int

    @property
    def ordinal(self) -> int:
        place = self.round * _POSITIONS_PER_ROUND + self.position
        return place * _ATTEMPTS_PER_STAGE + self.attempt


def place_of(step: int) -> StagePlace:
    """The attempt that a step belongs to; round 0 is what comes before the stages."""
    place, attempt = divmod(step // STEPS_PER_STAGE, _ATTEMPTS_PER_STAGE)
    round_number, position = divmod(place, _POSITIONS_PER_ROUND)
    return StagePlace(round_number, position, attempt)
