"""What Nova needs of a protocol for external agents, whichever it is.

RemoteError            the other side can't do it; the text is for the model and the person
├── NotSent            nobody has received anything: trying again is harmless
├── Unclear            it may or may not have been received; nobody knows what came of it
├── Refused            the credential is missing, wrong or not enough
└── Forgotten          the other side does not know the work any more
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, cast
from uuid import UUID

from services.kit.http_pool import HttpPool


class RemoteError(Exception):
    """What the other side answered is an error, or no answer that the protocol knows."""


class NotSent(RemoteError):
    """The other side can't be reached."""


class Unclear(RemoteError):
    """The connection broke, or no answer came in time, after something had been sent."""


class Refused(RemoteError):
    """The credential is missing, wrong or not enough."""


class Forgotten(RemoteError):
    """The other side does not know this piece of work."""


@dataclass(frozen=True, slots=True)
class Target:
    """An external agent, ready to be called; `token` is in the clear and never shown."""

    name: str
    url: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of an agent: a text, or data, or both; `reply_to` is how the other side names
    the work whose question this answers. `call_id` is the same however often it is sent.
    """

    call_id: UUID
    message: str | None
    data: dict[str, Any] | None
    reply_to: str | None = None


class WorkState(StrEnum):
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is: `remote` is what is needed to ask again, `text` the result or reason.

    `data` is the result where it came as one JSON value.
    """

    state: WorkState
    remote: dict[str, Any]
    text: str = ""
    data: Any = None
    asks: bool = False  # the result is a question to whoever has sent the order


class AgentProtocol(Protocol):
    """Every call raises RemoteError."""

    async def describe(self, pool: HttpPool, target: Target) -> str:
        """Who is there, in one line; proves as far as can be done without effect that it works."""
        ...

    async def send(self, pool: HttpPool, target: Target, order: Order) -> Progress: ...

    async def find(self, pool: HttpPool, target: Target, order: Order) -> Progress | None:
        """The work of an order that may have been sent; None if there is no telling."""
        ...

    async def look(self, pool: HttpPool, target: Target, remote: dict[str, Any]) -> Progress: ...

    async def cancel(self, pool: HttpPool, target: Target, remote: dict[str, Any]) -> None: ...


def as_object(value: Any) -> dict[str, Any]:
    """What has to be a JSON object; None is an empty one. Raises RemoteError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RemoteError("The answer is not of the form that the protocol asks for.")
    return cast("dict[str, Any]", value)


def as_objects(value: Any) -> list[dict[str, Any]]:
    """What has to be a list of JSON objects; None is an empty one. Raises RemoteError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise RemoteError("The answer is not of the form that the protocol asks for.")
    return [as_object(item) for item in cast("list[Any]", value)]
