"""Searches: a vector for the query, the statement, and a word on what was missing."""

import asyncio
from dataclasses import dataclass

from contracts.memory import SearchRequest, SearchResponse, SearchResult, Tier
from services.kit.db import Database
from services.memory_service.ingest.embedding import Embedder, NoEmbedding, TextRefused, Vector
from services.memory_service.memories.drafts import utc
from services.memory_service.readers.profiles import Model, Profile, Profiles
from services.memory_service.retrieval import queries
from services.memory_service.retrieval.names import take_names
from services.memory_service.retrieval.queries import FoundRow
from services.memory_service.retrieval.terms import SearchTerms
from services.memory_service.scopes import Reader

_QUERY_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Finder:
    """What a search works with."""

    database: Database
    embedder: Embedder
    profiles: Profiles


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """The query's vectors by model id, and what was missing."""

    by_model: dict[int, Vector]
    problems: list[str]


async def search(finder: Finder, *, request: SearchRequest, reader: Reader) -> SearchResponse:
    """The best matches; `degraded` says what the search had to do without."""
    rows, degraded = await find(finder, request=request, reader=reader)
    return SearchResponse(
        results=[result(row, explain=request.explain) for row in rows],
        query=request.query,
        total_found=rows[0].total_found if rows else 0,
        degraded=degraded,
    )


async def find(
    finder: Finder, *, request: SearchRequest, reader: Reader
) -> tuple[list[FoundRow], str | None]:
    """The rows found, best first, and what the search had to do without."""
    profile = await finder.profiles.of(reader)
    query = take_names(request.query[:_QUERY_CHARACTERS], profile.voices)
    by_vector, by_keyword = _weights(request.vector_weight, request.keyword_weight)
    vectors = QueryVectors({}, [])
    if by_vector:
        vectors = await _query_vectors(finder.embedder, query.text, profile)
    if vectors.problems and not vectors.by_model:
        by_vector, by_keyword = 0.0, 1.0
    terms = SearchTerms(
        keywords=query.text if by_keyword else "",
        names=query.names,
        vectors=vectors.by_model,
        memories=profile.memories,
        words=profile.words,
        tiers=[str(tier) for tier in request.tiers or []] or None,
        metadata=request.metadata_filter or None,
        since=request.since and utc(request.since),
        until=request.until and utc(request.until),
        vector_weight=by_vector,
        keyword_weight=by_keyword,
        min_score=request.min_score,
        limit=request.limit,
    )
    async with finder.database.connection() as connection:
        rows = await queries.search(connection, reader, terms)
    problems = list(vectors.problems)
    if by_vector and profile.pending:
        problems.append(
            f"{profile.pending} memories have no vector yet and were searched by keywords only"
        )
    if len(request.query) > _QUERY_CHARACTERS:
        problems.append(f"only the first {_QUERY_CHARACTERS} characters of the query were used")
    return rows, "; ".join(problems) or None


def result(row: FoundRow, *, explain: bool = False) -> SearchResult:
    return SearchResult(
        id=row.id,
        content=row.content,
        tier=Tier(row.tier),
        score=row.score,
        metadata=row.metadata,
        created_at=row.created_at,
        explanation=_explanation(row) if explain else None,
    )


def _explanation(row: FoundRow) -> dict[str, float]:
    parts = {
        "similarity": row.similarity,
        "coverage": row.coverage,
        "vector_part": row.vector_part,
        "turn_part": row.turn_part,
        "window_part": row.window_part,
        "speaker_part": row.speaker_part,
        "recency_part": row.recency_part,
        "confidence_part": row.confidence_part,
        "best": row.best,
        "certainty": row.certainty,
    }
    return {name: value for name, value in parts.items() if value is not None}


async def _query_vectors(embedder: Embedder, text: str, profile: Profile) -> QueryVectors:
    """By each model that the reader's memories have; usually that is the one in use."""
    try:
        [vector] = await embedder.embed([text], keep=True)
    except (NoEmbedding, TextRefused) as error:
        return QueryVectors({}, [f"searched by keywords only: {error.detail}"])
    if vector is None:
        reason = "the embedding model gave no vector for this query"
        return QueryVectors({}, [f"searched by keywords only: {reason}"])
    found: dict[int, Vector] = {}
    problems: list[str] = []
    others: list[Model] = []
    for model in profile.models:
        if (model.name, model.dimensions) == (vector.model, vector.dimensions):
            found[model.id] = vector
        else:
            others.append(model)
    for model, made in zip(
        others,
        await asyncio.gather(*(_by_model(embedder, text, model) for model in others)),
        strict=True,
    ):
        if made is None:
            problems.append(
                f"memories embedded by {model.name}, which can't be asked, were searched by"
                " keywords only"
            )
        else:
            found[model.id] = made
    return QueryVectors(found, problems)


async def _by_model(embedder: Embedder, text: str, model: Model) -> Vector | None:
    """The query in the space of a model that is being left."""
    try:
        [vector] = await embedder.embed([text], keep=True, model=model.name)
    except (NoEmbedding, TextRefused):
        return None
    if vector is None or (vector.model, vector.dimensions) != (model.name, model.dimensions):
        return None
    return vector


def _weights(by_vector: float, by_keyword: float) -> tuple[float, float]:
    """Shares that sum to 1; two zeros mean no preference."""
    total = by_vector + by_keyword
    return (0.5, 0.5) if total == 0 else (by_vector / total, by_keyword / total)
