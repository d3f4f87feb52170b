-- Agents, pods, and the life of a task: lease, journal, stages, events, results. Written by the
-- orchestrator and its workers alone. All times are PostgreSQL's own.

CREATE TABLE agents (
    id uuid PRIMARY KEY,
    config jsonb NOT NULL,
    status text NOT NULL DEFAULT 'idle'
        CHECK (status IN ('idle', 'running', 'paused', 'stopped', 'error')),
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_active timestamptz
);
CREATE UNIQUE INDEX agents_one_primary ON agents (is_primary) WHERE is_primary;

CREATE TABLE pods (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    enabled boolean NOT NULL DEFAULT true,
    default_model text NOT NULL DEFAULT 'auto',
    max_cost_usd numeric CHECK (max_cost_usd >= 0),
    max_execution_seconds integer NOT NULL DEFAULT 300 CHECK (max_execution_seconds > 0),
    require_human_review text NOT NULL DEFAULT 'on_escalation'
        CHECK (require_human_review IN ('always', 'never', 'on_escalation')),
    escalation_threshold text NOT NULL DEFAULT 'high'
        CHECK (escalation_threshold IN ('low', 'medium', 'high', 'critical')),
    routing_keywords text[] NOT NULL DEFAULT '{}',
    routing_regex text,
    priority integer NOT NULL DEFAULT 0,
    fallback_pod_id uuid REFERENCES pods ON DELETE SET NULL,
    sandbox text NOT NULL DEFAULT 'workspace'
        CHECK (sandbox IN ('isolated', 'nova', 'workspace', 'host')),
    is_system_default boolean NOT NULL DEFAULT false,
    is_default boolean NOT NULL DEFAULT false,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX pods_one_default ON pods (is_default) WHERE is_default;

CREATE TABLE pod_agents (
    id uuid PRIMARY KEY,
    pod_id uuid NOT NULL REFERENCES pods ON DELETE CASCADE,
    name text NOT NULL,
    role text NOT NULL,
    description text NOT NULL DEFAULT '',
    enabled boolean NOT NULL DEFAULT true,
    position integer NOT NULL,
    parallel_group text,
    model text,
    fallback_models text[] NOT NULL DEFAULT '{}',
    temperature double precision NOT NULL DEFAULT 0.5,
    max_tokens integer NOT NULL DEFAULT 4096 CHECK (max_tokens > 0),
    timeout_seconds integer NOT NULL DEFAULT 60 CHECK (timeout_seconds > 0),
    max_retries integer NOT NULL DEFAULT 1 CHECK (max_retries >= 0),
    system_prompt text,
    task_description text,
    allowed_tools text[],
    on_failure text NOT NULL DEFAULT 'abort' CHECK (on_failure IN ('skip', 'abort', 'escalate')),
    run_condition jsonb NOT NULL DEFAULT '{"type": "always"}',
    output_schema jsonb,
    artifact_type text,
    UNIQUE (pod_id, position) DEFERRABLE INITIALLY DEFERRED
);

-- A stream numbers events: a session's (chat and agent tasks) or one pipeline task's. Holders
-- reserve ids in blocks here before they use them, so that an id is never used twice.
CREATE TABLE streams (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('session', 'task')),
    reserved_to bigint NOT NULL DEFAULT 0
);

CREATE TABLE agent_sessions (
    id uuid PRIMARY KEY REFERENCES streams,
    agent_id uuid REFERENCES agents ON DELETE SET NULL,
    kind text NOT NULL CHECK (kind IN ('chat', 'agent')),
    key_id uuid,
    title text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_active timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX agent_sessions_recent ON agent_sessions (last_active DESC);

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('pipeline', 'agent', 'chat')),
    queue text NOT NULL CHECK (queue IN ('pipeline', 'interactive')),
    status text NOT NULL CHECK (status IN (
        'submitted', 'queued', 'context_running', 'task_running', 'guardrail_running',
        'review_running', 'pending_human_review', 'clarification_needed', 'completing',
        'complete', 'failed', 'cancelled')),
    stream_id uuid NOT NULL REFERENCES streams,
    -- The last event id that was reserved before this task: all of its events come after.
    stream_after bigint NOT NULL,
    session_id uuid REFERENCES agent_sessions,
    agent_id uuid REFERENCES agents ON DELETE SET NULL,
    pod_id uuid REFERENCES pods ON DELETE SET NULL,
    pod_name text,
    key_id uuid,
    parent_task_id uuid REFERENCES tasks,
    depth integer NOT NULL DEFAULT 0 CHECK (depth BETWEEN 0 AND 5),
    user_input text NOT NULL,
    input jsonb NOT NULL DEFAULT '{}',
    metadata jsonb NOT NULL DEFAULT '{}',
    goal_id text,
    idempotency_key text,
    priority integer NOT NULL DEFAULT 0,
    flags text[] NOT NULL DEFAULT '{}',
    -- What a resumed task goes on from; written together with each stage's end.
    checkpoint jsonb NOT NULL DEFAULT '{}',
    current_stage text,
    pending jsonb,
    output text,
    error text,
    attempt integer NOT NULL DEFAULT 0,
    retry_count integer NOT NULL DEFAULT 0,
    max_retries integer NOT NULL DEFAULT 5,
    holder text,
    boot_id uuid,
    lease_until timestamptz,
    available_at timestamptz NOT NULL DEFAULT now(),
    cancel_requested_at timestamptz,
    dead_lettered_at timestamptz,
    total_cost_usd numeric NOT NULL DEFAULT 0,
    unpriced_calls integer NOT NULL DEFAULT 0,
    total_input_tokens bigint NOT NULL DEFAULT 0,
    total_output_tokens bigint NOT NULL DEFAULT 0,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    completed_at timestamptz,
    CHECK ((lease_until IS NULL) = (holder IS NULL)),
    -- A task that is held runs; a queued, waiting or ended one is held by nobody.
    CHECK ((holder IS NOT NULL) = (status IN ('context_running', 'task_running',
        'guardrail_running', 'review_running', 'completing')))
);
CREATE INDEX tasks_claimable ON tasks (queue, priority DESC, queued_at) WHERE status = 'queued';
CREATE INDEX tasks_held ON tasks (lease_until) WHERE holder IS NOT NULL;
CREATE INDEX tasks_of_session ON tasks (session_id, queued_at)
    WHERE session_id IS NOT NULL AND status NOT IN ('complete', 'failed', 'cancelled');
CREATE INDEX tasks_recent ON tasks (kind, queued_at DESC);
CREATE INDEX tasks_dead ON tasks (dead_lettered_at DESC) WHERE dead_lettered_at IS NOT NULL;
CREATE INDEX tasks_of_parent ON tasks (parent_task_id) WHERE parent_task_id IS NOT NULL;
-- One key's (or the administrator's) idempotency keys are its own.
CREATE UNIQUE INDEX tasks_idempotency ON tasks (idempotency_key, key_id) NULLS NOT DISTINCT
    WHERE idempotency_key IS NOT NULL;

-- The journal: each model, tool and memory call, written before it is made and after it has ended.
CREATE TABLE task_steps (
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    step bigint NOT NULL,
    stage text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('model', 'tool', 'memory')),
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('begun', 'done', 'failed', 'unknown')),
    attempt integer NOT NULL,
    digest text NOT NULL,
    request jsonb NOT NULL,
    result jsonb,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    cost_usd numeric,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    PRIMARY KEY (task_id, step)
);

CREATE TABLE task_stages (
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    stage text NOT NULL,
    round integer NOT NULL,
    role text NOT NULL,
    position integer NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'skipped')),
    model text,
    output jsonb,
    error text,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    cost_usd numeric NOT NULL DEFAULT 0,
    started_at timestamptz,
    completed_at timestamptz,
    PRIMARY KEY (task_id, stage, round)
);

-- One row is one event, or the text of one finished model call with the id and length of each of
-- its pieces, from which every delta can be given again under its own id. `previous_id` is the id
-- of the last valid event before: a reader whose last id is at least that has missed nothing.
CREATE TABLE stream_events (
    stream_id uuid NOT NULL REFERENCES streams,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    previous_id bigint NOT NULL,
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('event', 'text', 'gap')),
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream_id, first_id),
    -- Rows never overlap, so both orders are the same; readers come with the last id they have.
    UNIQUE (stream_id, last_id),
    CHECK (first_id <= last_id AND previous_id < first_id)
);
CREATE INDEX stream_events_of_task ON stream_events (task_id, first_id);

CREATE TABLE session_messages (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES agent_sessions ON DELETE CASCADE,
    task_id uuid REFERENCES tasks ON DELETE SET NULL,
    role text NOT NULL CHECK (role IN ('user', 'assistant')),
    content text NOT NULL,
    tool_calls jsonb NOT NULL DEFAULT '[]',
    last_event_id bigint,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX session_messages_of_session ON session_messages (session_id, created_at, id);

CREATE TABLE guardrail_findings (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    stage text NOT NULL,
    category text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    title text NOT NULL,
    evidence text NOT NULL,
    scanner text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX guardrail_findings_of_task ON guardrail_findings (task_id, created_at);

CREATE TABLE code_reviews (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    round integer NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('pass', 'needs_refactor', 'reject')),
    summary text NOT NULL,
    issues jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX code_reviews_of_task ON code_reviews (task_id, created_at);

CREATE TABLE artifacts (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    stage text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    content text NOT NULL,
    sha256 text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX artifacts_of_task ON artifacts (task_id, created_at);
