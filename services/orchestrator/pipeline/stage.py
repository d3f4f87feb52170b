"""What a role is, its results and what follows from them."""

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

import services.orchestrator.pipeline.stages as stages_package
from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.combining import AgentOutput, listed
from services.orchestrator.pipeline.scanning.finding import ScannedFinding
from services.orchestrator.pods.agents.queries import PodAgentRow

SEVERITIES = ("low", "medium", "high", "critical")
_STAGES = Path(__file__).parent / "stages"


class RolePart(BaseModel):
    """Base of what results are made of; a model's extra fields are dropped."""

    model_config = ConfigDict(extra="ignore")


class RoleResult(RolePart):
    """Base of the typed results. `extras` are the fields that an agent's own schema asks for."""

    extras: SkipJsonSchema[dict[str, Any]] = Field(default_factory=dict[str, Any], exclude=True)

    def as_output(self) -> dict[str, Any]:
        return {**self.extras, **self.model_dump(mode="json")}


@dataclass(frozen=True, slots=True)
class FindingRecord:
    category: str
    severity: str
    title: str
    evidence: str
    scanner: str


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    verdict: str
    summary: str
    issues: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    kind: str
    name: str
    content: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a stage's result sets off; all of it is stored together with the result."""

    flags: frozenset[str] = frozenset()
    findings: Sequence[FindingRecord] = ()
    review: ReviewRecord | None = None
    artifacts: Sequence[ArtifactRecord] = ()
    memories: Sequence[str] = ()
    questions: Sequence[str] = ()
    verdict: tuple[str, str] | None = None


R = TypeVar("R", bound=RoleResult)


@dataclass(frozen=True, slots=True)
class Role(Generic[R]):
    """A kind of stage.

    Attributes:
        status: the task's status while the stage runs.
        sees: the parts of the progress that its prompt shows, in order.
        prose_field: the field that a reply which is no JSON at all is taken for; None where an
            answer can't be guessed (a judgement), so that such a reply is repaired once, then fails.
        live: its text is streamed to the readers as it comes.
        combine: what several of its stages say together.
        makes_artifacts: its consequences hold what it leaves behind, or that it leaves nothing.
        sees_secrets: credentials in what it is shown are not masked.
        after_scan: the scanners look at the work before its stages run; makes what they found part
            of the result, or a result of its own where the model has given none.
        rules: whether soft rules are instructions for it, or what it judges the result by.
    """

    name: str
    status: TaskStatus
    result: type[R]
    sees: tuple[str, ...]
    consequences: Callable[[R], Consequences]
    prose_field: str | None = None
    live: bool = True
    combine: Callable[[Sequence[AgentOutput]], dict[str, Any]] = listed
    makes_artifacts: bool = False
    sees_secrets: bool = False
    after_scan: Callable[[R | None, Sequence[ScannedFinding]], R] | None = None
    rules: Literal["obeyed", "judged"] | None = None

    @property
    def prompt(self) -> str:
        return _prompt_of(self.name)

    def schema(self) -> dict[str, Any]:
        """The result's JSON schema; not to be changed, since all share it."""
        return _schema_of(self.result)

    def response_format(self, schema: dict[str, Any] | None = None) -> dict[str, Any]:
        """The JSON schema, or another one, as providers take it."""
        return {
            "type": "json_schema",
            "json_schema": {"name": self.name, "schema": schema or self.schema()},
        }


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One agent of the pod with its role; `key` names the stage within the task."""

    key: str
    role: Role[Any]
    agent: PodAgentRow


@cache
def _prompt_of(role: str) -> str:
    return (_STAGES / f"{role}.md").read_text(encoding="utf-8").strip()


@cache
def _schema_of(result: type[RoleResult]) -> dict[str, Any]:
    return result.model_json_schema()


def load_roles() -> dict[str, Role[Any]]:
    """The roles by name: every module of `stages/` that holds a ROLE."""
    modules = (
        importlib.import_module(f"{stages_package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(stages_package.__path__)
    )
    roles: list[Role[Any]] = [module.ROLE for module in modules if hasattr(module, "ROLE")]
    return {role.name: role for role in roles}


def no_consequences(_result: RoleResult) -> Consequences:
    return Consequences()
