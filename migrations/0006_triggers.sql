-- Schedules and webhooks: what submits tasks by itself. Written by the orchestrator alone. A slot's
-- row, its task and the schedule's next time commit together, so that each slot fires once.

CREATE TABLE schedules (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    enabled boolean NOT NULL,
    cron text,
    at timestamptz,
    timezone text NOT NULL,
    user_input text NOT NULL,
    pod_name text,
    metadata jsonb NOT NULL,
    goal_id text,
    misfire text NOT NULL CHECK (misfire IN ('skip', 'once', 'all')),
    overlap text NOT NULL CHECK (overlap IN ('start', 'skip')),
    -- Null when it will not fire any more: disabled, its one time over, or broken (last_error).
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(cron, at) = 1),
    CHECK (enabled OR next_run_at IS NULL)
);
CREATE INDEX schedules_due ON schedules (next_run_at) WHERE next_run_at IS NOT NULL;
CREATE INDEX schedules_recent ON schedules (created_at DESC, id DESC);

CREATE TABLE schedule_runs (
    id uuid PRIMARY KEY,
    schedule_id uuid NOT NULL REFERENCES schedules ON DELETE CASCADE,
    slot timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('slot', 'manual')),
    status text NOT NULL CHECK (status IN ('submitted', 'missed', 'overlapped', 'failed')),
    task_id uuid REFERENCES tasks ON DELETE SET NULL,
    error text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX schedule_runs_once ON schedule_runs (schedule_id, slot) WHERE kind = 'slot';
CREATE INDEX schedule_runs_recent ON schedule_runs (schedule_id, slot DESC, id DESC);
CREATE INDEX schedule_runs_of_task ON schedule_runs (task_id) WHERE task_id IS NOT NULL;

CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    enabled boolean NOT NULL,
    scheme text NOT NULL CHECK (scheme IN ('nova', 'github')),
    template text NOT NULL,
    pod_name text,
    metadata jsonb NOT NULL,
    goal_id text,
    -- Encrypted (services/kit/encryption.py): HMAC needs the secret itself, a hash would not do.
    sealed_secret text NOT NULL,
    secret_set_at timestamptz NOT NULL DEFAULT now(),
    last_delivery_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhooks_recent ON webhooks (created_at DESC, id DESC);

-- What was delivered: the same signature, or the same delivery id, is the same task. The task's id
-- stays when the task is deleted, so that a replay goes on being known as one.
CREATE TABLE webhook_deliveries (
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    signature bytea NOT NULL,
    delivery_id text,
    task_id uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (webhook_id, signature),
    UNIQUE (webhook_id, delivery_id)
);
CREATE INDEX webhook_deliveries_recent ON webhook_deliveries (webhook_id, received_at DESC);
