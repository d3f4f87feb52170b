"""orchestrator: tasks given to one agent, and pipeline tasks."""

from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp
from contracts.chat import Message
from contracts.waiting import Pending


class SubmitTaskRequest(OpenRequest):
    agent_id: UUID
    messages: list[Message] = Field(min_length=1)
    session_id: UUID | None = None
    task_type: Text | None = None
    metadata: JsonObject = {}


class WaitingFor(Answer):
    """What a submitted task waits for: another of Nova's agents, or an external one.

    `task_id` is the other agent's task, whose `status` says whether it waits itself.
    """

    kind: Literal["agent", "external"]
    name: str
    task_id: UUID | None
    status: str
    since: Timestamp


class TaskResult(Answer):
    task_id: UUID
    agent_id: UUID | None
    session_id: UUID | None = None
    status: Literal["pending", "running", "completed", "failed"]
    response: str | None
    tool_calls: list[dict[str, Any]] = []
    error: str | None
    started_at: Timestamp | None
    completed_at: Timestamp | None
    input_tokens: int
    output_tokens: int
    waiting_for: list[WaitingFor] = []


class TaskStatus(StrEnum):
    """The one state machine of every task."""

    SUBMITTED = "submitted"
    QUEUED = "queued"
    CONTEXT_RUNNING = "context_running"
    TASK_RUNNING = "task_running"
    GUARDRAIL_RUNNING = "guardrail_running"
    REVIEW_RUNNING = "review_running"
    PENDING_HUMAN_REVIEW = "pending_human_review"
    CLARIFICATION_NEEDED = "clarification_needed"
    COMPLETING = "completing"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


TERMINAL_STATUSES = frozenset({TaskStatus.COMPLETE, TaskStatus.FAILED, TaskStatus.CANCELLED})
WAITING_STATUSES = frozenset({TaskStatus.PENDING_HUMAN_REVIEW, TaskStatus.CLARIFICATION_NEEDED})
RUNNING_STATUSES = frozenset(
    {
        TaskStatus.CONTEXT_RUNNING,
        TaskStatus.TASK_RUNNING,
        TaskStatus.GUARDRAIL_RUNNING,
        TaskStatus.REVIEW_RUNNING,
        TaskStatus.COMPLETING,
    }
)


class CancelAnswer(Answer):
    task_id: UUID
    status: str


class PipelineSubmitRequest(OpenRequest):
    """Among waiting tasks the one with the highest `priority` starts first, then the oldest.

    `metadata.max_cost_usd` sets the task a lower budget than its pod's.
    """

    user_input: Text = Field(min_length=1)
    pod_name: Text | None = None
    metadata: JsonObject = {}
    goal_id: Text | None = None
    priority: int = Field(default=0, ge=-1000, le=1000)
    idempotency_key: Text | None = Field(default=None, max_length=255)


class PipelineSubmitted(Answer):
    task_id: UUID
    status: str
    pod_name: str
    queued_at: Timestamp


class PipelineTask(Answer):
    """`budget_usd` is set once a person has given the task a budget of its own."""

    id: UUID
    status: TaskStatus
    pod_id: UUID | None
    pod_name: str | None
    user_input: str
    output: str | None
    error: str | None
    current_stage: str | None
    retry_count: int
    max_retries: int
    queued_at: Timestamp
    started_at: Timestamp | None
    completed_at: Timestamp | None
    total_cost_usd: float
    total_input_tokens: int
    total_output_tokens: int
    metadata: dict[str, Any]
    goal_id: str | None = None
    priority: int = 0
    budget_usd: float | None = None
    pending: Pending | None = None
    forked_from: UUID | None = None
    forked_step: int | None = None


class PipelineTaskDetail(PipelineTask):
    findings_count: int
    reviews_count: int
    artifacts_count: int
    waiting_for: list[WaitingFor] = []


class ReviewRequest(OpenRequest):
    """`decision` is checked by hand: anything but approve or reject is a 400.

    `budget_usd` is what the task may cost from now on, whatever its pod says.
    """

    decision: Text
    comment: Text | None = None
    pending_id: UUID | None = None
    budget_usd: float | None = Field(default=None, gt=0)


class ClarifyRequest(OpenRequest):
    answers: list[Text] = Field(min_length=1)


class Stage(Answer):
    stage: str
    role: str
    round: int
    status: str
    model: str | None
    output: Any | None
    error: str | None
    input_tokens: int
    output_tokens: int
    cost_usd: float
    started_at: Timestamp | None
    completed_at: Timestamp | None


class Step(Answer):
    """One journalled call of a model, a tool or the memory."""

    step: int
    stage: str
    kind: str
    name: str
    status: str
    attempt: int
    request: Any | None = None
    result: Any | None = None
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    started_at: Timestamp
    ended_at: Timestamp | None


class ReplayDifference(Answer):
    """Where a replay is not what is stored; `kind` is the step's, stage or task."""

    stage: str | None
    step: int | None
    kind: str
    name: str | None
    expected_digest: str | None = None
    actual_digest: str | None = None
    what: str


class ReplayAnswer(Answer):
    """`status` is what the replay came to; "interrupted" where the journal ends before the task."""

    identical: bool
    status: str
    output: str | None
    error: str | None
    differences: list[ReplayDifference]
    steps_replayed: int
    steps_journalled: int


class ToolAnswer(OpenRequest):
    ok: bool = True
    text: Text


class ForkChanges(OpenRequest):
    """What is otherwise than in the task forked off; all but the first and the last of these are
    about one stage: that of the step, or `stage`.
    """

    user_input: Text | None = Field(default=None, min_length=1)
    stage: Text | None = None
    system_prompt: Text | None = None
    task_description: Text | None = None
    model: Text | None = Field(default=None, min_length=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0, le=2**31 - 1)
    answer: Text | ToolAnswer | None = None


class ForkRequest(OpenRequest):
    from_step: int = Field(ge=0, le=2**63 - 1)
    changes: ForkChanges = ForkChanges()


class Forked(PipelineSubmitted):
    forked_from: UUID
    forked_step: int


class Finding(Answer):
    id: UUID
    stage: str
    category: str
    severity: str
    title: str
    evidence: str
    scanner: str
    created_at: Timestamp


class CodeReview(Answer):
    id: UUID
    round: int
    verdict: str
    summary: str
    issues: list[Any]
    created_at: Timestamp


class Artifact(Answer):
    id: UUID
    stage: str
    kind: str
    name: str
    content: str
    sha256: str
    created_at: Timestamp


class BulkDeleted(Answer):
    deleted: int
    statuses: list[str]


class QueueStats(Answer):
    queue_depth: int
    dead_letter_depth: int
    running: int
    waiting: int


class DeadLetter(Answer):
    id: UUID
    user_input: str
    pod_name: str | None
    error: str | None
    retry_count: int
    max_retries: int
    dead_lettered_at: Timestamp
