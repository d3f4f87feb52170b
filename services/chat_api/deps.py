"""What a handler is given."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from services.kit.auth import Authenticator
from services.kit.clients.orchestrator import OrchestratorClient
from services.kit.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class State:
    """One per process, yielded by the lifespan as {"nova": State}."""

    settings: ServiceSettings
    authenticator: Authenticator
    orchestrator: OrchestratorClient


async def _state(connection: HTTPConnection) -> State:
    # A plain function would cost each request a hop through a thread.
    return cast("State", connection.state.nova)


StateDep = Annotated[State, Depends(_state)]
