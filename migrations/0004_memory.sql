-- Long-term memory: memories and facts, their keyword postings, their vectors, and what has no
-- vector yet. Written by memory-service and memory-worker alone. All times are PostgreSQL's own.

CREATE EXTENSION IF NOT EXISTS vector;

-- Whose a memory is: one agent's, one project's (facts), or nobody's in particular. The ids are
-- derived from the agent or project (UUID version 5), so that no look-up comes before a write.
CREATE TABLE memory_scopes (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('agent', 'project', 'shared')),
    agent_id uuid,
    project_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'agent') = (agent_id IS NOT NULL)),
    CHECK ((kind = 'project') = (project_id IS NOT NULL))
);

CREATE TABLE memory_project_members (
    scope_id uuid NOT NULL REFERENCES memory_scopes ON DELETE CASCADE,
    agent_id uuid NOT NULL,
    can_write boolean NOT NULL,
    PRIMARY KEY (scope_id, agent_id)
);
CREATE INDEX memory_project_members_of_agent ON memory_project_members (agent_id);

CREATE TABLE memories (
    id uuid PRIMARY KEY,
    scope_id uuid NOT NULL REFERENCES memory_scopes,
    agent_id uuid,
    -- The API key by which, or for which, it was last written.
    key_id uuid,
    tier text NOT NULL CHECK (tier IN ('working', 'episodic', 'semantic', 'procedural')),
    content text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    -- Drawn from metadata, which stays the one truth about them.
    speaker text,
    session_id text,
    occurred_at timestamptz,
    -- The order in which memories came in; within a session it is the order of what was said.
    arrival bigint GENERATED ALWAYS AS IDENTITY,
    -- Roughly how many words the content has: BM25's document length.
    words integer NOT NULL,
    -- Rises with each new content; a vector made from older content is dropped by it.
    revision integer NOT NULL DEFAULT 1,
    expires_at timestamptz,
    -- A fact's identity is (project_id, category, key), of any length; fact_id is derived from them.
    fact_id uuid UNIQUE,
    project_id text,
    category text,
    key text,
    version integer,
    base_confidence double precision CHECK (base_confidence BETWEEN 0 AND 1),
    -- When the content was last stated: what a fact's confidence decays from.
    stated_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nulls(fact_id, project_id, category, key, version, base_confidence) IN (0, 6))
);
CREATE INDEX memories_of_scope ON memories (scope_id, created_at DESC, arrival DESC);
CREATE INDEX memories_words ON memories (scope_id) INCLUDE (words);
CREATE INDEX memories_of_key ON memories (key_id, created_at DESC) WHERE key_id IS NOT NULL;
CREATE INDEX memories_recent ON memories (created_at DESC, arrival DESC);
CREATE INDEX memories_expiring ON memories (expires_at) WHERE expires_at IS NOT NULL;

-- Every version of a fact, the current one too; they go with the fact.
CREATE TABLE memory_fact_versions (
    memory_id uuid NOT NULL REFERENCES memories ON DELETE CASCADE,
    version integer NOT NULL,
    content text NOT NULL,
    metadata jsonb NOT NULL,
    base_confidence double precision NOT NULL,
    agent_id uuid,
    key_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (memory_id, version)
);

-- Keyword search: how often each lexeme stands in each memory.
CREATE TABLE memory_postings (
    memory_id uuid NOT NULL REFERENCES memories ON DELETE CASCADE,
    scope_id uuid NOT NULL,
    lexeme text NOT NULL,
    frequency integer NOT NULL,
    -- The memory's, here too so that scoring touches this index alone.
    words integer NOT NULL,
    PRIMARY KEY (memory_id, lexeme)
);
CREATE INDEX memory_postings_of_lexeme ON memory_postings (scope_id, lexeme)
    INCLUDE (memory_id, frequency, words);

-- Vectors belong to the model that made them: one partition per model, so that several live side
-- by side and a search reads one. Without a declared dimension, because each model has its own.
CREATE TABLE memory_embedding_models (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) <= 500),
    dimensions integer NOT NULL CHECK (dimensions BETWEEN 1 AND 4000),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, dimensions)
);

CREATE TABLE memory_vectors (
    model_id smallint NOT NULL REFERENCES memory_embedding_models,
    memory_id uuid NOT NULL REFERENCES memories ON DELETE CASCADE,
    scope_id uuid NOT NULL,
    vector halfvec NOT NULL,
    PRIMARY KEY (model_id, memory_id)
) PARTITION BY LIST (model_id);
-- Beside the row, not in a TOAST table: an exact scan reads every vector of a scope.
ALTER TABLE memory_vectors ALTER COLUMN vector SET STORAGE PLAIN;
CREATE INDEX memory_vectors_of_scope ON memory_vectors (scope_id);

-- The id of an embedding model; a new one gets its partition, once, however many ask at a time.
CREATE FUNCTION register_memory_embedding_model(model_name text, model_dimensions integer)
RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
    found smallint;
BEGIN
    SELECT id INTO found FROM memory_embedding_models
    WHERE name = model_name AND dimensions = model_dimensions;
    IF found IS NOT NULL THEN
        RETURN found;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('register_memory_embedding_model'));
    INSERT INTO memory_embedding_models (name, dimensions) VALUES (model_name, model_dimensions)
    ON CONFLICT DO NOTHING RETURNING id INTO found;
    IF found IS NULL THEN
        SELECT id INTO found FROM memory_embedding_models
        WHERE name = model_name AND dimensions = model_dimensions;
        RETURN found;
    END IF;
    -- Made apart and then attached: creating it as a partition would lock out every search.
    EXECUTE format(
        'CREATE TABLE memory_vectors_of_model_%s (LIKE memory_vectors INCLUDING STORAGE)', found);
    EXECUTE format(
        'ALTER TABLE memory_vectors ATTACH PARTITION memory_vectors_of_model_%s FOR VALUES IN (%s)',
        found, found);
    RETURN found;
END $$;

-- Memories that have no vector yet, because the gateway could not be asked when they were stored.
CREATE TABLE memory_pending_embeddings (
    memory_id uuid PRIMARY KEY REFERENCES memories ON DELETE CASCADE,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    error text
);
CREATE INDEX memory_pending_embeddings_due ON memory_pending_embeddings (next_attempt_at);

-- When a memory was last used; narrow, and apart from the memory, because it changes often.
CREATE TABLE memory_accesses (
    memory_id uuid PRIMARY KEY REFERENCES memories ON DELETE CASCADE,
    uses bigint NOT NULL,
    last_accessed_at timestamptz NOT NULL
);

-- What memory-worker's jobs last did.
CREATE TABLE memory_upkeep (
    job text PRIMARY KEY,
    last_run_at timestamptz NOT NULL,
    last_count bigint NOT NULL,
    total_count bigint NOT NULL
);
