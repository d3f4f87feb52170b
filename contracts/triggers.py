"""orchestrator: schedules and webhooks, which submit pipeline tasks by themselves."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Answer, JsonObject, Request, Text, Timestamp

Misfire = Literal["skip", "once", "all"]
Overlap = Literal["start", "skip"]
Scheme = Literal["nova", "github"]

_MAX_TEXT = 100_000


class Schedule(Answer):
    """`next_run_at` is null when it will not fire any more: disabled, its one time over, or broken."""

    id: UUID
    name: str
    enabled: bool
    cron: str | None
    at: Timestamp | None
    timezone: str
    user_input: str
    pod_name: str | None
    metadata: dict[str, Any]
    goal_id: str | None
    misfire: Misfire
    overlap: Overlap
    next_run_at: Timestamp | None
    last_run_at: Timestamp | None
    last_error: str | None
    created_at: Timestamp


class CreateScheduleRequest(Request):
    """Either `cron` (five fields or @hourly, @daily, …) or `at`; without a zone, `at` is in `timezone`.

    `misfire` says what becomes of slots that passed while Nova was off: `skip` none of them runs,
    `once` the latest does, `all` the latest hundred do. `overlap` says whether a slot starts a task
    while the task of an earlier one has not ended.
    """

    name: Text = Field(min_length=1, max_length=200)
    enabled: bool = True
    cron: Text | None = Field(default=None, max_length=200)
    at: datetime | None = None
    timezone: Text = Field(default="UTC", max_length=100)
    user_input: Text = Field(min_length=1, max_length=_MAX_TEXT)
    pod_name: Text | None = None
    metadata: JsonObject = {}
    goal_id: Text | None = None
    misfire: Misfire = "once"
    overlap: Overlap = "start"

    @model_validator(mode="after")
    def _one_timing(self) -> "CreateScheduleRequest":
        if (self.cron is None) == (self.at is None):
            raise ValueError("give either cron or at")
        return self


class SchedulePatch(Request):
    """To turn a cron schedule into one at a time, set `cron` to null and `at` to the time."""

    name: Text | None = Field(default=None, min_length=1, max_length=200)
    enabled: bool | None = None
    cron: Text | None = Field(default=None, max_length=200)
    at: datetime | None = None
    timezone: Text | None = Field(default=None, max_length=100)
    user_input: Text | None = Field(default=None, min_length=1, max_length=_MAX_TEXT)
    pod_name: Text | None = None
    metadata: JsonObject | None = None
    goal_id: Text | None = None
    misfire: Misfire | None = None
    overlap: Overlap | None = None


class ScheduleRun(Answer):
    """One slot, or one run by hand, and what became of it.

    `missed`: Nova was off and the misfire policy passed it over. `overlapped`: the task of an
    earlier slot had not ended. `failed`: no task could be submitted, `error` says why.
    """

    id: UUID
    slot: Timestamp
    kind: Literal["slot", "manual"]
    status: Literal["submitted", "missed", "overlapped", "failed"]
    task_id: UUID | None
    task_status: str | None
    error: str | None
    created_at: Timestamp


class Webhook(Answer):
    """`path` is where deliveries go. `scheme` is how they are signed: see CreateWebhookRequest."""

    id: UUID
    name: str
    enabled: bool
    path: str
    scheme: Scheme
    template: str
    pod_name: str | None
    metadata: dict[str, Any]
    goal_id: str | None
    last_delivery_at: Timestamp | None
    last_error: str | None
    secret_set_at: Timestamp
    created_at: Timestamp


class CreatedWebhook(Webhook):
    """The secret stands here once and can't be read again, only replaced."""

    secret: str


class CreateWebhookRequest(Request):
    """`template` becomes the task's input: {{payload}} in it is what was delivered,
    {{payload.issue.title}} or {{payload.commits.0.id}} a part of it; a part that is not there is
    empty.

    Scheme `nova`: header X-Nova-Signature `t=<unix seconds>,v1=<hex of HMAC-SHA256 over
    "<t>.<body>">`. Scheme `github`: X-Hub-Signature-256, as GitHub, Gitea and Forgejo send it.
    """

    name: Text = Field(min_length=1, max_length=200)
    enabled: bool = True
    scheme: Scheme = "nova"
    template: Text = Field(min_length=1, max_length=_MAX_TEXT)
    pod_name: Text | None = None
    metadata: JsonObject = {}
    goal_id: Text | None = None


class WebhookPatch(Request):
    name: Text | None = Field(default=None, min_length=1, max_length=200)
    enabled: bool | None = None
    scheme: Scheme | None = None
    template: Text | None = Field(default=None, min_length=1, max_length=_MAX_TEXT)
    pod_name: Text | None = None
    metadata: JsonObject | None = None
    goal_id: Text | None = None


class WebhookDelivery(Answer):
    """One accepted delivery; `delivery_id` is the sender's own, if it gave one."""

    task_id: UUID
    task_status: str | None
    delivery_id: str | None
    received_at: Timestamp


class HookAnswer(Answer):
    """`task_id` is null for a ping, which starts nothing. `duplicate`: it had been delivered before."""

    task_id: UUID | None
    duplicate: bool = False
