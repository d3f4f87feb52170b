"""How far a fact is still believed: power-law forgetting, after ACT-R's base-level decay.

J. R. Anderson, C. Lebiere, The Atomic Components of Thought, 1998: activation falls with t^-d,
d = 0.5. Shifted by tau so that a fact that was just stated has its whole confidence.
"""

_DECAY = 0.5
_TAU_DAYS = 30.0


def effective_confidence(base: float, *, days: float) -> float:
    """`base` after `days` since it was last stated; never more than `base`."""
    return base * (1 + max(0.0, days) / _TAU_DAYS) ** -_DECAY
