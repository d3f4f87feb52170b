"""What a request handler is given."""

from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import HTTPConnection

from services.kit.auth import Principal
from services.kit.db import Database
from services.memory_service.ingest.embedding import Embedder
from services.memory_service.memories.accesses import Accesses
from services.memory_service.readers.profiles import Profiles
from services.memory_service.retrieval.service import Finder
from services.memory_service.scopes import Reader
from services.memory_service.settings import Settings

MAX_OFFSET = 2**31 - 1


@dataclass(frozen=True, slots=True)
class State:
    """One per process, yielded by the lifespan as {"memory": State}."""

    settings: Settings
    database: Database
    searches: Database
    embedder: Embedder
    accesses: Accesses
    profiles: Profiles

    @property
    def finder(self) -> Finder:
        return Finder(self.searches, self.embedder, self.profiles)


async def _state(connection: HTTPConnection) -> State:
    # A plain function would cost each request a hop through a thread.
    return cast("State", connection.state.memory)


StateDep = Annotated[State, Depends(_state)]
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET)]


def reader(caller: Principal, agent_id: UUID | None = None) -> Reader:
    """What `caller` sees when it names `agent_id`, or none."""
    if agent_id is not None:
        return Reader(agent_id=agent_id, key_id=None)
    return Reader(agent_id=None, key_id=caller.key_id if caller.kind == "key" else None)
