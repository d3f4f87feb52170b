"""Diagramming: a picture of the result where one helps, kept as an artifact."""

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.stage import ArtifactRecord, Consequences, Role, RoleResult


class DiagrammingResult(RoleResult):
    title: str = "Diagram"
    mermaid: str = Field(default="", description="Mermaid source; empty if no diagram helps.")


def consequences(result: DiagrammingResult) -> Consequences:
    if not result.mermaid.strip():
        return Consequences()
    return Consequences(artifacts=[ArtifactRecord("diagram", result.title[:200], result.mermaid)])


ROLE = Role(
    name="diagramming",
    status=TaskStatus.COMPLETING,
    result=DiagrammingResult,
    sees=("request", "answers", "result"),
    consequences=consequences,
    live=False,
    makes_artifacts=True,
)
