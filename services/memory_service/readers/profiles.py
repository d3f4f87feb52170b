"""What a process remembers of its readers for some seconds: voices, models, how many memories."""

import time
from dataclasses import dataclass
from uuid import UUID

from services.kit.db import Database
from services.memory_service.ingest.voices import Voice
from services.memory_service.readers import queries
from services.memory_service.scopes import Reader

_SECONDS = 3.0
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Model:
    id: int
    name: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Only the ranking depends on it: what a reader may see is decided by the search itself."""

    memories: float
    words: float
    pending: int
    voices: tuple[Voice, ...]
    models: tuple[Model, ...]


class Profiles:
    """A search makes one round trip more only when its reader was not there for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[Reader, tuple[float, Profile]] = {}

    async def of(self, reader: Reader) -> Profile:
        """The reader's profile, at most some seconds old."""
        now = time.monotonic()
        until, profile = self._known.get(reader, (0.0, None))
        if profile is not None and now < until:
            return profile
        async with self._database.connection() as connection:
            row = await queries.profile(connection, reader)
        profile = Profile(
            memories=row.memories,
            words=row.words,
            pending=row.pending,
            voices=tuple(Voice(name, given=given) for name, given in row.voices),
            models=tuple(Model(*model) for model in row.models),
        )
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[reader] = (now + _SECONDS, profile)
        return profile

    def forget(self, agent_id: UUID | None = None) -> None:
        """Something of this agent was written, or (None) of nobody knows whom."""
        if agent_id is None:
            self._known.clear()
            return
        for reader in [known for known in self._known if known.agent_id in {agent_id, None}]:
            del self._known[reader]
