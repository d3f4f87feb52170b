"""Whose a memory is, and what a caller may read."""

from dataclasses import dataclass
from uuid import UUID, uuid5

_NAMESPACE = UUID("5f0d1b6e-3c0a-4c39-9a53-4c1f0f6c0e4b")

SHARED_SCOPE = uuid5(_NAMESPACE, "shared")
"""The scope of memories that belong to no agent."""


def agent_scope(agent_id: UUID | None) -> UUID:
    """The scope of an agent's own memories."""
    return SHARED_SCOPE if agent_id is None else uuid5(_NAMESPACE, f"agent\0{agent_id}")


def project_scope(project_id: str) -> UUID:
    return uuid5(_NAMESPACE, f"project\0{project_id}")


def fact_id(project_id: str, category: str, key: str) -> UUID:
    """A fact's identity; its parts may be of any length, which no index could hold."""
    return uuid5(_NAMESPACE, f"fact\0{project_id}\0{category}\0{key}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose eyes look: an agent's, else a key's, else (both None) an administrator's.

    An agent reads its own memories and the facts of its projects. Whoever may call at all may name
    any agent, as with the orchestrator's agents, which no key owns. A key that names none reads
    what was stored by it or for it.
    """

    agent_id: UUID | None
    key_id: UUID | None

    @property
    def scope_id(self) -> UUID | None:
        return None if self.agent_id is None else agent_scope(self.agent_id)
