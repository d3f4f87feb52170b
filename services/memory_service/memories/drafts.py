"""From what a client sends to a row: the three fields that may also stand in metadata, the expiry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.memory import StoreRequest, Tier
from services.kit.errors import Invalid
from services.kit.ids import new_id
from services.memory_service.ingest.queries import NewMemory
from services.memory_service.ingest.text import count_words
from services.memory_service.ingest.voices import voice_of
from services.memory_service.scopes import agent_scope

_LONGEST_TTL_SECONDS = 100 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who said it, in which session, when; metadata is where they are kept."""

    speaker: str | None
    session_id: str | None
    occurred_at: datetime | None


def draft(request: StoreRequest, *, key_id: UUID | None, working_ttl_seconds: int) -> NewMemory:
    """The row for a request. Raises Invalid for a time that no calendar has."""
    given = {
        "speaker": request.speaker,
        "session_id": request.session_id,
        "occurred_at": None
        if request.occurred_at is None
        else utc(request.occurred_at).isoformat(),
    }
    metadata = {**request.metadata, **{k: v for k, v in given.items() if v is not None}}
    circumstances = circumstances_of(metadata)
    ttl = request.ttl_seconds
    if ttl is None and request.tier is Tier.WORKING:
        ttl = working_ttl_seconds
    return NewMemory(
        id=new_id(),
        scope_id=agent_scope(request.agent_id),
        agent_id=request.agent_id,
        key_id=key_id,
        tier=request.tier,
        content=request.content,
        metadata=metadata,
        speaker=circumstances.speaker,
        session_id=circumstances.session_id,
        occurred_at=circumstances.occurred_at,
        ttl_seconds=None if ttl is None else min(ttl, _LONGEST_TTL_SECONDS),
        words=count_words(request.content),
        voice=voice_of(request.content, circumstances.speaker),
    )


def circumstances_of(metadata: Mapping[str, Any]) -> Circumstances:
    """What metadata says of them; a value of another kind is the client's own and means nothing."""
    return Circumstances(
        speaker=_text(metadata.get("speaker")),
        session_id=_text(metadata.get("session_id")),
        occurred_at=_time(metadata.get("occurred_at")),
    )


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken as UTC. Raises Invalid out of range."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Invalid("A time is outside the years 1 to 9999.") from error


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return utc(datetime.fromisoformat(value))
    except (ValueError, Invalid):
        return None
