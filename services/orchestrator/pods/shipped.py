"""The pods that Nova ships, as data; what a user changed in them is never changed back."""

from dataclasses import dataclass
from uuid import UUID

from contracts.pods import CreatePodAgentRequest, CreatePodRequest
from services.kit.db import Connection
from services.kit.ids import new_id
from services.orchestrator.audit.service import SYSTEM, record
from services.orchestrator.pods import queries
from services.orchestrator.pods.agents import queries as agent_queries

READ_ONLY_TOOLS = ["list_dir", "read_file", "search_codebase", "recall"]

_WHEN_JUDGES_DISAGREE = {
    "type": "and",
    "conditions": [
        {"type": "on_flag", "flag": "guardrail_blocked"},
        {"type": "on_flag", "flag": "code_review_rejected"},
    ],
}

CONTEXT = CreatePodAgentRequest(
    name="Context",
    role="context",
    description="Gathers what the task needs to know",
    temperature=0.2,
    max_tokens=4096,
    timeout_seconds=60,
    max_retries=1,
    allowed_tools=READ_ONLY_TOOLS,
    on_failure="abort",
)
TASK = CreatePodAgentRequest(
    name="Task",
    role="task",
    description="Does the work with tools",
    temperature=0.5,
    max_tokens=8192,
    timeout_seconds=120,
    max_retries=3,
    allowed_tools=None,
    on_failure="abort",
)
GUARDRAIL = CreatePodAgentRequest(
    name="Guardrail",
    role="guardrail",
    description="Looks for leaked credentials, personal data and injected instructions",
    temperature=0.1,
    max_tokens=2048,
    timeout_seconds=30,
    max_retries=1,
    allowed_tools=[],
    on_failure="escalate",
)
CODE_REVIEW = CreatePodAgentRequest(
    name="Code Review",
    role="code_review",
    description="Passes the work, sends it back, or rejects it",
    temperature=0.3,
    max_tokens=4096,
    timeout_seconds=60,
    max_retries=1,
    allowed_tools=[],
    on_failure="escalate",
)
DECISION = CreatePodAgentRequest(
    name="Decision",
    role="decision",
    description="Records the choice and asks a person when both judges object",
    temperature=0.2,
    max_tokens=4096,
    timeout_seconds=60,
    max_retries=1,
    allowed_tools=[],
    on_failure="escalate",
    run_condition=_WHEN_JUDGES_DISAGREE,
    artifact_type="adr",
)


def _afterwards(
    name: str, role: str, *, description: str, artifact_type: str | None
) -> CreatePodAgentRequest:
    """An agent that runs beside the others after the work, best effort."""
    return CreatePodAgentRequest(
        name=name,
        role=role,
        description=description,
        parallel_group="after",
        temperature=0.3,
        max_tokens=4096,
        timeout_seconds=60,
        max_retries=1,
        allowed_tools=[],
        on_failure="skip",
        artifact_type=artifact_type,
    )


DOCUMENTATION = _afterwards(
    "Documentation",
    "documentation",
    description="Describes what was done",
    artifact_type="documentation",
)
DIAGRAMMING = _afterwards(
    "Diagramming", "diagramming", description="Draws what was done", artifact_type="diagram"
)
SECURITY_REVIEW = _afterwards(
    "Security Review",
    "security_review",
    description="Lists security risks of the result",
    artifact_type="security_review",
)
MEMORY_EXTRACTION = _afterwards(
    "Memory Extraction",
    "memory_extraction",
    description="Keeps what is worth remembering",
    artifact_type=None,
)

QUARTET_AGENTS = [
    CONTEXT,
    TASK,
    GUARDRAIL,
    CODE_REVIEW,
    DECISION,
    DOCUMENTATION,
    DIAGRAMMING,
    SECURITY_REVIEW,
    MEMORY_EXTRACTION,
]


@dataclass(frozen=True, slots=True)
class ShippedPod:
    """`id` never changes, so that a renamed pod is still known as the shipped one."""

    id: UUID
    pod: CreatePodRequest
    agents: list[CreatePodAgentRequest]
    is_default: bool = False


SHIPPED_PODS = [
    ShippedPod(
        id=UUID("01990000-0000-7000-8000-000000000001"),
        pod=CreatePodRequest(
            name="Quartet",
            description="The full pipeline: context, work, guardrail, review, decision",
            require_human_review="on_escalation",
            escalation_threshold="high",
            priority=100,
        ),
        agents=QUARTET_AGENTS,
        is_default=True,
    ),
    ShippedPod(
        id=UUID("01990000-0000-7000-8000-000000000002"),
        pod=CreatePodRequest(
            name="Quick Reply",
            description="One agent, no review",
            require_human_review="never",
            escalation_threshold="critical",
            priority=10,
        ),
        agents=[TASK],
    ),
    ShippedPod(
        id=UUID("01990000-0000-7000-8000-000000000003"),
        pod=CreatePodRequest(
            name="Research",
            description="Gathers and explores",
            require_human_review="on_escalation",
            escalation_threshold="high",
            priority=20,
        ),
        agents=[CONTEXT, TASK.model_copy(update={"temperature": 0.7})],
    ),
    ShippedPod(
        id=UUID("01990000-0000-7000-8000-000000000004"),
        pod=CreatePodRequest(
            name="Code Generation",
            description="The full pipeline for changes to code",
            require_human_review="on_escalation",
            escalation_threshold="medium",
            priority=50,
            metadata={"git_worktree": True},
        ),
        agents=QUARTET_AGENTS,
    ),
    ShippedPod(
        id=UUID("01990000-0000-7000-8000-000000000005"),
        pod=CreatePodRequest(
            name="Analysis",
            description="Reads and explains, changes nothing",
            require_human_review="on_escalation",
            escalation_threshold="high",
            priority=30,
        ),
        agents=[CONTEXT, TASK.model_copy(update={"allowed_tools": READ_ONLY_TOOLS})],
    ),
]


async def ensure_system_pods(connection: Connection) -> list[str]:
    """Insert the shipped pods that are missing, each with its agents; the names of the new ones.

    Safe when several processes start at once. A pod that is there is left as it is. A user's own
    pod keeps its name: the shipped pod of that name then stays away.
    """
    added: list[str] = []
    for shipped in SHIPPED_PODS:
        row = await queries.insert_pod(
            connection,
            shipped.id,
            pod=shipped.pod,
            is_system_default=True,
            is_default=shipped.is_default,
        )
        if row is None:
            continue
        for position, agent in enumerate(shipped.agents):
            await agent_queries.insert_agent(
                connection, row.id, agent_id=new_id(), position=position, agent=agent
            )
        await record(
            connection,
            actor=SYSTEM,
            action="pod.shipped",
            subject_kind="pod",
            subject_id=row.id,
            detail={"name": row.name},
        )
        added.append(row.name)
    return added
