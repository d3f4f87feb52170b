-- What every part of Nova rests on: keys, configuration, the audit log, login tokens and the
-- registry of workers. Written by the orchestrator (and its workers) alone; every service reads
-- api_keys and platform_config.

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,  -- SHA-256; the key itself is stored nowhere
    key_prefix text NOT NULL,
    scopes text[] NOT NULL,
    rate_limit_rpm integer NOT NULL CHECK (rate_limit_rpm > 0),
    budget_usd numeric CHECK (budget_usd >= 0),
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz
);

CREATE SEQUENCE platform_config_version;

CREATE TABLE platform_config (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    -- The JSON Schema type (or list of types) that a new value must have.
    value_schema jsonb NOT NULL,
    description text NOT NULL,
    is_secret boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT nextval('platform_config_version'),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX platform_config_version_index ON platform_config (version);

CREATE FUNCTION platform_config_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := nextval('platform_config_version');
    NEW.updated_at := clock_timestamp();
    PERFORM pg_notify('nova_config', NEW.key);
    RETURN NEW;
END $$;
CREATE TRIGGER platform_config_changed BEFORE UPDATE ON platform_config
    FOR EACH ROW EXECUTE FUNCTION platform_config_changed();

INSERT INTO platform_config (key, value, value_schema, description) VALUES
    ('nova.name', '"Nova"', '{"type": "string", "minLength": 1, "maxLength": 100}', 'The name that Nova goes by'),
    ('nova.persona', '""', '{"type": "string"}', 'How Nova speaks; added to the primary agent''s prompt'),
    ('nova.greeting', '"Hello, I am {name}. What shall I do?"', '{"type": "string"}', 'The first line of a new chat; {name} is filled in'),
    ('llm.default_chat_model', '"auto"', '{"type": "string", "minLength": 1}', 'The model of an agent that names none'),
    ('llm.routing_strategy', '"local-first"', '{"enum": ["local-first", "local-only", "cloud-first", "cloud-only"]}', 'Where auto looks first'),
    ('llm.ollama_url', 'null', '{"type": ["string", "null"]}', 'Ollama''s address; null takes OLLAMA_BASE_URL'),
    ('llm.cloud_fallback_model', 'null', '{"type": ["string", "null"]}', 'The model to take when no local one works'),
    ('llm.cloud_fallback_embed_model', 'null', '{"type": ["string", "null"]}', 'The embedding model to take when no local one works'),
    ('llm.intelligent_routing', 'false', '{"type": "boolean"}', 'Let a classifier choose the model of a chat'),
    ('llm.classifier_model', '"auto"', '{"type": "string", "minLength": 1}', 'The classifier''s model'),
    ('llm.classifier_timeout_ms', '500', '{"type": "integer", "minimum": 1}', 'How long the classifier may take'),
    ('llm.model_routing_map', '{"general": [], "code": [], "reasoning": [], "creative": [], "quick": []}', '{"type": "object"}', 'From a category to models'),
    ('llm.wol_mac', 'null', '{"type": ["string", "null"]}', 'The MAC address of the machine to wake for Ollama'),
    ('llm.wol_broadcast', 'null', '{"type": ["string", "null"]}', 'The broadcast address for waking it'),
    ('context.system_pct', '0.10', '{"type": "number", "minimum": 0, "maximum": 1}', 'Share of the context for the system prompt'),
    ('context.tools_pct', '0.15', '{"type": "number", "minimum": 0, "maximum": 1}', 'Share of the context for tools'),
    ('context.memory_pct', '0.40', '{"type": "number", "minimum": 0, "maximum": 1}', 'Share of the context for memories'),
    ('context.history_pct', '0.20', '{"type": "number", "minimum": 0, "maximum": 1}', 'Share of the context for the history'),
    ('context.working_pct', '0.15', '{"type": "number", "minimum": 0, "maximum": 1}', 'Share of the context for the work at hand'),
    ('context.compaction_threshold', '0.80', '{"type": "number", "minimum": 0, "maximum": 1}', 'How full a context may get before it is compacted'),
    ('tasks.history_retention_days', '0', '{"type": "integer", "minimum": 0}', 'Days to keep finished tasks; 0 keeps them');

CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject_kind text,
    subject_id text,
    detail jsonb NOT NULL DEFAULT '{}',
    request_id text
);
CREATE INDEX audit_log_at_index ON audit_log (at DESC);

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();

-- A login token works once: its id stands here from the first use until it would have expired.
CREATE TABLE used_login_tokens (
    token_id text PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

CREATE TABLE workers (
    name text PRIMARY KEY,
    boot_id uuid NOT NULL,
    queue text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    sandbox jsonb NOT NULL DEFAULT '{}'
);
