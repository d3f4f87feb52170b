-- What a person sets about providers and models while Nova runs: addresses, keys (encrypted under
-- NOVA_SECRET_KEY), servers of their own, prices. Written by llm-gateway alone.

-- A row for each provider that differs from its environment, and for each custom server.
CREATE TABLE provider_settings (
    slug text PRIMARY KEY CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    is_custom boolean NOT NULL,
    title text,
    -- NULL: the environment's, or the vendor's own.
    base_url text,
    enabled boolean NOT NULL DEFAULT true,
    default_model text,
    -- Further headers of each call, a JSON object, encrypted: some servers take their key there.
    sealed_headers text,
    header_names text[] NOT NULL DEFAULT '{}',
    -- NULL: judged by the address.
    is_local boolean,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (NOT is_custom OR base_url IS NOT NULL)
);

CREATE TABLE provider_credentials (
    id uuid PRIMARY KEY,
    provider text NOT NULL,
    name text NOT NULL,
    sealed_key text NOT NULL,
    last_four text NOT NULL,
    -- Scheme, host and port of the server that it was entered for: it is sent to no other.
    origin text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (provider, name)
);

-- What is known better about a model than its provider or the shipped table knows, in the form of
-- the table's rows; a field that is missing says nothing.
CREATE TABLE model_overrides (
    model text PRIMARY KEY,
    facts jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row. Its lock makes writers take turns, so that the version rises in the order of commits.
CREATE TABLE provider_changes (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    version bigint NOT NULL
);
INSERT INTO provider_changes (version) VALUES (1);

CREATE FUNCTION provider_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE provider_changes SET version = version + 1;
    NOTIFY nova_providers;
    RETURN NULL;
END $$;
CREATE TRIGGER provider_settings_changed AFTER INSERT OR UPDATE OR DELETE ON provider_settings
    FOR EACH STATEMENT EXECUTE FUNCTION provider_changed();
CREATE TRIGGER provider_credentials_changed AFTER INSERT OR UPDATE OR DELETE ON provider_credentials
    FOR EACH STATEMENT EXECUTE FUNCTION provider_changed();
CREATE TRIGGER model_overrides_changed AFTER INSERT OR UPDATE OR DELETE ON model_overrides
    FOR EACH STATEMENT EXECUTE FUNCTION provider_changed();

-- The gateway's part of the audit log, shown together with the orchestrator's.
CREATE TABLE gateway_audit_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject_kind text,
    subject_id text,
    detail jsonb NOT NULL DEFAULT '{}',
    request_id text
);
CREATE INDEX gateway_audit_log_at_index ON gateway_audit_log (at DESC);
CREATE TRIGGER gateway_audit_log_is_append_only BEFORE UPDATE OR DELETE ON gateway_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();

INSERT INTO platform_config (key, value, value_schema, description) VALUES
    ('llm.aliases', '{}',
     '{"type": "object", "maxProperties": 200, "additionalProperties": {"type": "string", "minLength": 1}}',
     'Other names for models: from a name (* stands for anything) to a model id or auto');
