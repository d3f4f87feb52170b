"""Changes of skills and rules, one after the other, each of which makes a new policy."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.kit.db import Connection
from services.orchestrator.policy import queries


@asynccontextmanager
async def policy_change(connection: Connection) -> AsyncGenerator[None]:
    """Around every change of a skill or a rule, in the transaction of `connection`."""
    await queries.lock(connection)
    yield
    await queries.publish(connection)
