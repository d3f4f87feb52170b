"""Searches: a vector for the query, the statement, and a word on what was missing."""

from dataclasses import dataclass

from contracts.memory import SearchRequest, SearchResponse, SearchResult, Tier
from services.kit.db import Database
from services.memory_service.ingest.embedding import Embedder, NoEmbedding, TextRefused, Vector
from services.memory_service.memories.drafts import utc
from services.memory_service.retrieval import queries
from services.memory_service.retrieval.queries import FoundRow, SearchTerms
from services.memory_service.scopes import Reader

_QUERY_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class QueryVector:
    """The query's vector, or why there is none; neither when none was wanted."""

    vector: Vector | None = None
    problem: str | None = None


async def search(
    database: Database, embedder: Embedder, *, request: SearchRequest, reader: Reader
) -> SearchResponse:
    """The best matches; `degraded` says what the search had to do without."""
    rows, degraded = await find(database, embedder, request=request, reader=reader)
    return SearchResponse(
        results=[result(row, explain=request.explain) for row in rows],
        query=request.query,
        total_found=rows[0].total_found if rows else 0,
        degraded=degraded,
    )


async def find(
    database: Database, embedder: Embedder, *, request: SearchRequest, reader: Reader
) -> tuple[list[FoundRow], str | None]:
    """The rows found, best first, and what the search had to do without."""
    text = request.query[:_QUERY_CHARACTERS]
    by_vector, by_keyword = _weights(request.vector_weight, request.keyword_weight)
    query = await _query_vector(embedder, text) if by_vector else QueryVector()
    if query.problem is not None:
        by_vector, by_keyword = 0.0, 1.0
    terms = SearchTerms(
        keywords=text if by_keyword else "",
        vector=query.vector,
        tiers=[str(tier) for tier in request.tiers or []] or None,
        metadata=request.metadata_filter or None,
        since=request.since and utc(request.since),
        until=request.until and utc(request.until),
        vector_weight=by_vector,
        keyword_weight=by_keyword,
        min_score=request.min_score,
        limit=request.limit,
    )
    async with database.connection() as connection:
        rows = await queries.search(connection, reader, terms)
    problems: list[str] = []
    if query.problem is not None:
        problems.append(f"searched by keywords only: {query.problem}")
    if rows and rows[0].without_vector:
        problems.append(
            f"{rows[0].without_vector} memories have no vector of this model yet"
            " and were searched by keywords only"
        )
    if len(text) < len(request.query):
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
        "keyword_score": row.keyword_score,
        "vector_part": row.vector_part,
        "keyword_part": row.keyword_part,
        "certainty": row.certainty,
    }
    return {name: value for name, value in parts.items() if value is not None}


async def _query_vector(embedder: Embedder, text: str) -> QueryVector:
    try:
        [vector] = await embedder.embed([text], keep=True)
    except (NoEmbedding, TextRefused) as error:
        return QueryVector(problem=error.detail)
    if vector is None:
        return QueryVector(problem="the embedding model gave no vector for this query")
    return QueryVector(vector=vector)


def _weights(by_vector: float, by_keyword: float) -> tuple[float, float]:
    """Shares that sum to 1; two zeros mean no preference."""
    total = by_vector + by_keyword
    return (0.5, 0.5) if total == 0 else (by_vector / total, by_keyword / total)
