"""orchestrator: external agents to which work is delegated."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp


class EndpointProtocol(StrEnum):
    A2A = "a2a"
    ACP = "acp"
    GENERIC = "generic"


class CreateAgentEndpoint(OpenRequest):
    """`auth_token` is sent as a bearer token; it can be replaced, and never read back."""

    name: Text = Field(min_length=1, max_length=200, pattern=r"\S")
    description: Text = Field(default="", max_length=2_000)
    url: Text = Field(min_length=1, max_length=2_000)
    auth_token: Text | None = Field(default=None, min_length=1, max_length=10_000)
    protocol: EndpointProtocol = EndpointProtocol.A2A
    input_schema: JsonObject | None = None
    output_schema: JsonObject | None = None
    enabled: bool = True


class AgentEndpointPatch(OpenRequest):
    """What is left out stays; null takes the token or a schema away."""

    name: Text | None = Field(default=None, min_length=1, max_length=200, pattern=r"\S")
    description: Text | None = Field(default=None, max_length=2_000)
    url: Text | None = Field(default=None, min_length=1, max_length=2_000)
    auth_token: Text | None = Field(default=None, min_length=1, max_length=10_000)
    protocol: EndpointProtocol | None = None
    input_schema: JsonObject | None = None
    output_schema: JsonObject | None = None
    enabled: bool | None = None


class AgentEndpoint(Answer):
    id: UUID
    name: str
    description: str
    url: str
    has_auth_token: bool
    protocol: EndpointProtocol
    input_schema: JsonObject | None
    output_schema: JsonObject | None
    enabled: bool
    created_at: Timestamp
    updated_at: Timestamp


class EndpointTest(Answer):
    """Whether somebody answers there as the protocol asks; `detail` says who, or what is wrong."""

    ok: bool
    detail: str
    duration_ms: int
