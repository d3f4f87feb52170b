"""What external agents speak: one protocol, one file."""

from services.orchestrator.endpoints.protocols import a2a, acp, generic
from services.orchestrator.endpoints.protocols.base import AgentProtocol

PROTOCOLS: dict[str, AgentProtocol] = {
    "a2a": a2a.A2a(),
    "acp": acp.Acp(),
    "generic": generic.Generic(),
}
