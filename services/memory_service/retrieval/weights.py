"""Every number of the ranking, in one place.

Found on long conversations by search (scripts/bench memory --quality measures them), each checked on
conversations that it was not chosen on.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """Sides are compared in standard deviations over the memories of the agent, then added."""

    usual_vector_share: float = 0.7
    usual_keyword_share: float = 0.3
    """What the API's two weights are when nobody sets them; others scale the sides by them."""

    turn: float = 0.225
    """BM25 of the memory itself, beside the vectors' 1."""

    window: float = 0.48
    """BM25 of the memory with two neighbours on either side."""

    speaker: float = 2.45
    """Said by somebody whom the query names."""

    recency: float = 0.1
    """Just stored or used; halves in a month and then falls like a power."""

    confidence: float = 0.1
    """What a fact that is certain has before one that is not believed at all."""

    candidates: int = 80
    """How many of the best by vectors, and of the best by words, are ranked, at least."""

    postings: int = 10_000
    """Words in so many memories together are looked up everywhere, more common ones only in what is
    ranked already."""

    expanded: int = 2000
    """How many of the best by rare words may bring their neighbours in."""

    longest_list: int = 20_000
    """How many memories with the rarest word are looked at."""


WEIGHTS = Weights()
