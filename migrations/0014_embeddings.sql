-- Vectors that were paid for or computed once, and the model that requests without a model get: it
-- stays the same while other models come and go, because vectors of two models can't be compared.

CREATE TABLE embedding_choice (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    model text NOT NULL,
    dimensions integer NOT NULL CHECK (dimensions > 0),
    chosen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE embedding_cache (
    -- SHA-256 over the model, where it is asked, the dimensions and the text: no text is kept here.
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    model text NOT NULL,
    -- Little-endian float32 numbers.
    vector bytea NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now()
);
-- Numbers like these do not compress.
ALTER TABLE embedding_cache ALTER COLUMN vector SET STORAGE EXTERNAL;
CREATE INDEX embedding_cache_used ON embedding_cache (used_at);

INSERT INTO platform_config (key, value, value_schema, description) VALUES
    ('llm.embedding_model', '"auto"', '{"type": "string", "minLength": 1, "maxLength": 200}',
     'The embedding model of requests that name none; auto keeps to the first good one that was used');
