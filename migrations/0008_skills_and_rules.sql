-- Skills (reusable prompt blocks) and rules (checks before a tool call). What is enabled of both is
-- kept besides as numbered policies, which never change: a task is bound to the one that was
-- current at its first claim, so that a resumed or replayed run is told the same.

CREATE TABLE skills (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    content text NOT NULL,
    scope text NOT NULL DEFAULT 'global' CHECK (scope IN ('global', 'pod', 'agent')),
    parameters jsonb NOT NULL DEFAULT '[]',
    category text NOT NULL DEFAULT '',
    priority integer NOT NULL DEFAULT 0,
    enabled boolean NOT NULL DEFAULT true,
    is_system boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE rules (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    rule_text text NOT NULL,
    enforcement text NOT NULL CHECK (enforcement IN ('soft', 'hard', 'both')),
    pattern text,
    -- A check that is code: of the shipped rules, where a pattern would not do.
    detector text,
    target_tools text[] NOT NULL DEFAULT '{}',
    action text NOT NULL CHECK (action IN ('block', 'warn', 'require_approval')),
    scope text NOT NULL DEFAULT 'global' CHECK (scope IN ('global', 'pod', 'agent')),
    severity text NOT NULL DEFAULT 'medium'
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    enabled boolean NOT NULL DEFAULT true,
    is_system boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Whom a skill or a rule of scope pod or agent is for; an agent is one of a pod, or one of its own.
CREATE TABLE skill_targets (
    skill_id uuid NOT NULL REFERENCES skills ON DELETE CASCADE,
    pod_id uuid REFERENCES pods ON DELETE CASCADE,
    agent_id uuid REFERENCES agents ON DELETE CASCADE,
    pod_agent_id uuid REFERENCES pod_agents ON DELETE CASCADE,
    CHECK (num_nonnulls(pod_id, agent_id, pod_agent_id) = 1),
    UNIQUE NULLS NOT DISTINCT (skill_id, pod_id, agent_id, pod_agent_id)
);
CREATE INDEX skill_targets_pod ON skill_targets (pod_id);
CREATE INDEX skill_targets_agent ON skill_targets (agent_id);
CREATE INDEX skill_targets_pod_agent ON skill_targets (pod_agent_id);

CREATE TABLE rule_targets (
    rule_id uuid NOT NULL REFERENCES rules ON DELETE CASCADE,
    pod_id uuid REFERENCES pods ON DELETE CASCADE,
    agent_id uuid REFERENCES agents ON DELETE CASCADE,
    pod_agent_id uuid REFERENCES pod_agents ON DELETE CASCADE,
    CHECK (num_nonnulls(pod_id, agent_id, pod_agent_id) = 1),
    UNIQUE NULLS NOT DISTINCT (rule_id, pod_id, agent_id, pod_agent_id)
);
CREATE INDEX rule_targets_pod ON rule_targets (pod_id);
CREATE INDEX rule_targets_agent ON rule_targets (agent_id);
CREATE INDEX rule_targets_pod_agent ON rule_targets (pod_agent_id);

-- Version 0 is the policy without any skill or rule.
CREATE TABLE policies (
    version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz
);
INSERT INTO policies (version, content) OVERRIDING SYSTEM VALUE
VALUES (0, '{"skills": [], "rules": []}');

-- No foreign key: each claim would lock the one row that all tasks share. A policy that a task
-- names is not deleted (services/orchestrator/policy).
ALTER TABLE tasks ADD COLUMN policy_version bigint;
