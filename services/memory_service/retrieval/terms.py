"""What a search looks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.memory_service.ingest.embedding import Vector
from services.memory_service.retrieval.weights import WEIGHTS, Weights


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What is looked for and what it is narrowed to; None lets everything through.

    `vectors` are the query's by model id; `names` are of the voices that it names; `memories` and
    `words` are how many the reader has, roughly.
    """

    keywords: str
    names: list[str]
    vectors: dict[int, Vector]
    memories: float
    words: float
    tiers: list[str] | None
    metadata: dict[str, Any] | None
    since: datetime | None
    until: datetime | None
    vector_weight: float
    keyword_weight: float
    min_score: float | None
    limit: int
    weights: Weights = WEIGHTS

    @property
    def is_unnarrowed(self) -> bool:
        return (self.tiers, self.metadata, self.since, self.until) == (None, None, None, None)
