"""What has come of a pipeline task so far, as its stages and gates see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.orchestrator.engine.context.plan import ContextFacts
from services.orchestrator.pipeline.combining import AgentOutput
from services.orchestrator.pipeline.scanning.finding import ScannedFinding
from services.orchestrator.pipeline.stage import StageSpec


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a stage gave in a round."""

    spec: StageSpec
    round: int
    output: dict[str, Any]


@dataclass
class Progress:
    """The newest result of each stage by its key, flags, the round.

    `changes` is the diff of the task's own repository, where it has one. `escalations` holds why stages have handed this round's work to a person, by their keys.
    """

    request: str
    tags: frozenset[str]
    results: dict[str, StageResult] = field(default_factory=dict[str, StageResult])
    flags: set[str] = field(default_factory=set[str])
    escalations: dict[str, str] = field(default_factory=dict[str, str])
    memories: list[str] = field(default_factory=list[str])
    answers: list[str] = field(default_factory=list[str])
    scanned: list[ScannedFinding] = field(default_factory=list[ScannedFinding])
    changes: str = ""
    windows: ContextFacts = field(default_factory=ContextFacts)
    round: int = 1

    def add(self, spec: StageSpec, output: dict[str, Any]) -> None:
        self.results[spec.key] = StageResult(spec, self.round, output)

    def results_of(self, role: str) -> list[StageResult]:
        """The role's results in the order of the pod."""
        found = [result for result in self.results.values() if result.spec.role.name == role]
        return sorted(found, key=lambda result: result.spec.agent.position)

    def of_role(self, role: str, *, rounds: Sequence[int] | None = None) -> dict[str, Any] | None:
        """What the role's stages say together, of these rounds alone if they are given."""
        found = self.results_of(role)
        return _together([one for one in found if rounds is None or one.round in rounds])

    def judgement(self, role: str) -> dict[str, Any] | None:
        """What the role's stages say of this round's work."""
        return self.of_role(role, rounds=[self.round])

    def frozen(self) -> "Progress":
        """What stages that run side by side see: nothing that one of them adds meanwhile."""
        return replace(
            self,
            results=dict(self.results),
            flags=set(self.flags),
            escalations=dict(self.escalations),
        )


def _together(results: list[StageResult]) -> dict[str, Any] | None:
    if not results:
        return None
    if len(results) == 1:
        return results[0].output
    role = results[0].spec.role
    outputs = [AgentOutput(result.spec.agent.name, result.output) for result in results]
    together = role.combine(outputs)
    details = [{"agent": one.agent, **more} for one in outputs if (more := _more(role.result, one))]
    return {**together, "details": details} if details else together


def _more(result: type[Any], one: AgentOutput) -> dict[str, Any]:
    """What an agent's own schema asks for besides its role's fields."""
    return {name: value for name, value in one.output.items() if name not in result.model_fields}
