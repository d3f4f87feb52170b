"""A snapshot's content, and its digest."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.pipeline.stage import Role, StageSpec
from services.orchestrator.pods.agents.queries import PodAgentRow
from services.orchestrator.pods.queries import PodRow


@dataclass(frozen=True)
class Snapshot:
    """What a pipeline task goes by from its first claim to its end.

    `agents` are the enabled ones, each with the prompt that it has then; `tools` are the names of
    those that worked for the pod where the task began.
    """

    pod: PodRow
    agents: list[PodAgentRow]
    tools: list[str]

    def as_json(self) -> Any:
        return _ADAPTER.dump_python(self, mode="json")

    @classmethod
    def of_json(cls, content: object) -> "Snapshot | None":
        """None for one of an earlier version, which no longer says all that is needed."""
        try:
            return _ADAPTER.validate_python(content)
        except ValidationError:
            return None

    def stages(self, roles: dict[str, Role[Any]]) -> list[StageSpec]:
        """The agents with their roles, in order. Raises TaskFailed for a role that is unknown."""
        return [self._stage(agent, roles) for agent in self.agents]

    def _stage(self, agent: PodAgentRow, roles: dict[str, Role[Any]]) -> StageSpec:
        role = roles.get(agent.role)
        if role is None:
            raise TaskFailed(f"There is no role {agent.role!r}; the pod's agent can't run.")
        alone = sum(other.role == agent.role for other in self.agents) == 1
        return StageSpec(
            key=role.name if alone else f"{role.name}:{agent.position}", role=role, agent=agent
        )


_ADAPTER = TypeAdapter(Snapshot)


def digest_of(content: Any) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
