"""Documentation: a short account of what was done, kept as an artifact."""

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.stage import ArtifactRecord, Consequences, Role, RoleResult


class DocumentationResult(RoleResult):
    title: str = "What was done"
    content: str = Field(description="Markdown.")


def consequences(result: DocumentationResult) -> Consequences:
    return Consequences(
        artifacts=[ArtifactRecord("documentation", result.title[:200], result.content)]
    )


ROLE = Role(
    name="documentation",
    status=TaskStatus.COMPLETING,
    result=DocumentationResult,
    sees=("request", "answers", "result"),
    consequences=consequences,
    prose_field="content",
    live=False,
    makes_artifacts=True,
)
