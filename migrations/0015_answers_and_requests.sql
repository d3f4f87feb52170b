-- Answers that needed no call of their own, calls other than chat and embeddings, what providers'
-- own prompt caches have written, and the opt-in log of requests.

ALTER TABLE usage_events
    DROP CONSTRAINT usage_events_kind_check,
    ADD CONSTRAINT usage_events_kind_check CHECK (kind IN
        ('chat', 'embedding', 'rerank', 'transcription', 'translation', 'speech', 'image')),
    -- cache: a kept answer; flight: that of another call which ran at the same time. Both cost nothing,
    -- and their tokens are those of the answer.
    ADD COLUMN source text NOT NULL DEFAULT 'provider'
        CHECK (source IN ('provider', 'cache', 'flight')),
    -- Input tokens that the provider has put into its prompt cache; part of input_tokens.
    ADD COLUMN cache_write_tokens bigint NOT NULL DEFAULT 0;

-- Written only while llm.request_log is on; credentials are taken out before. json, not jsonb: it
-- is stored as it came, and holds an escaped U+0000 too.
CREATE TABLE logged_requests (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    request_id text NOT NULL,
    path text NOT NULL,
    model text,
    status integer,
    duration_ms integer NOT NULL,
    caller text NOT NULL,
    key_id uuid,
    task_id uuid,
    request_bytes bigint NOT NULL,
    answer_bytes bigint NOT NULL,
    redacted integer NOT NULL,
    note text NOT NULL,
    request json,
    answer json
);
CREATE INDEX logged_requests_recent ON logged_requests (created_at DESC, id DESC);

INSERT INTO platform_config (key, value, value_schema, description) VALUES
    ('llm.answer_cache_seconds', 'null', '{"type": ["integer", "null"], "minimum": 0, "maximum": 2592000}',
     'How long answers of temperature 0 are kept; 0 switches the cache off, null takes NOVA_ANSWER_CACHE_SECONDS'),
    ('llm.request_log', 'null', '{"type": ["boolean", "null"]}',
     'Whether requests to models and their answers are logged; null takes NOVA_REQUEST_LOG'),
    ('llm.request_log_days', '7', '{"type": "integer", "minimum": 0, "maximum": 3650}',
     'Days to keep logged requests'),
    ('llm.request_log_rows', '10000', '{"type": "integer", "minimum": 0, "maximum": 10000000}',
     'How many logged requests are kept at most'),
    ('llm.request_log_redacted_fields', '[]', '{"type": "array", "items": {"type": "string"}, "maxItems": 200}',
     'Further names of fields whose values are not logged');
