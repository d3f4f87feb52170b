-- What the ranking needs: a memory's place among its neighbours, who said it, and vectors that know
-- the turn before. Postings and vectors name a memory by its place, which is half as wide as its id.

-- A number for each scope, a quarter as wide as its id, for postings and vectors.
ALTER TABLE memory_scopes ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY UNIQUE;
-- Counted by memory-worker for scopes that are too large to be counted by each search.
ALTER TABLE memory_scopes ADD COLUMN memories bigint, ADD COLUMN words bigint;

-- Places: the upper bits number a session, the lower 24 the order in it. So neighbours differ by one,
-- and no two sessions' places come near each other. A fact has a number to itself.
CREATE SEQUENCE memory_session_numbers;
CREATE TABLE memory_sessions (
    -- SHA-256 of the scope and the session's name; memories without one have one by tier.
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE DEFAULT nextval('memory_session_numbers'),
    scope_id uuid NOT NULL REFERENCES memory_scopes ON DELETE CASCADE,
    -- Places given out, those of deleted memories too.
    given bigint NOT NULL CHECK (given < 16777200)
);
CREATE INDEX memory_sessions_of_scope ON memory_sessions (scope_id);

-- Ours, because PostgreSQL's own hashes may change with its version.
CREATE FUNCTION memory_voice_hash(voice text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || substr(md5(lower(voice)), 1, 8))::bit(32)::integer
$$;

ALTER TABLE memories
    ADD COLUMN place bigint,
    -- Who speaks, by a short name: the speaker that was given, else the content's "name:".
    ADD COLUMN voice text,
    ADD COLUMN voice_given boolean NOT NULL DEFAULT false,
    -- The name in lower case, hashed, for comparing many.
    ADD COLUMN voice_hash integer GENERATED ALWAYS AS (memory_voice_hash(voice)) STORED;

CREATE FUNCTION memory_session(scope_id uuid, tier text, session_id text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(substr(sha256(convert_to(
        concat_ws(chr(31), scope_id, session_id IS NULL, coalesce(session_id, tier)), 'UTF8'
    )), 1, 16), 'hex')::uuid
$$;

-- The day as words, by which a memory is found too.
CREATE FUNCTION memory_day(moment timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'FMDD FMMonth YYYY FMDay')
$$;

WITH grouped AS (
    SELECT id, arrival, fact_id, scope_id,
        memory_session(scope_id, tier, session_id) AS session
    FROM memories
), sessions AS (
    INSERT INTO memory_sessions (id, scope_id, given)
    SELECT session, scope_id, count(*) FROM grouped WHERE fact_id IS NULL GROUP BY session, scope_id
    RETURNING id, number
), placed AS (
    SELECT g.id, (s.number << 24)
        + row_number() OVER (PARTITION BY g.session ORDER BY g.arrival) - 1 AS place
    FROM grouped g JOIN sessions s ON s.id = g.session
    WHERE g.fact_id IS NULL
    UNION ALL
    SELECT id, nextval('memory_session_numbers') << 24 FROM grouped WHERE fact_id IS NOT NULL
)
UPDATE memories m
SET place = p.place,
    voice = CASE WHEN char_length(trim(m.speaker)) BETWEEN 1 AND 40 THEN trim(m.speaker) END,
    voice_given = m.speaker IS NOT NULL
FROM placed p
WHERE p.id = m.id;

ALTER TABLE memories ALTER COLUMN place SET NOT NULL, ADD UNIQUE (place);
CREATE INDEX memories_of_voice ON memories (scope_id, voice, voice_given) WHERE voice IS NOT NULL;

-- Keyword search: how often each lexeme stands in each memory's indexed text.
ALTER TABLE memory_postings RENAME TO old_memory_postings;
ALTER INDEX memory_postings_of_lexeme RENAME TO old_memory_postings_of_lexeme;
ALTER INDEX memory_postings_pkey RENAME TO old_memory_postings_pkey;
CREATE TABLE memory_postings (
    scope integer NOT NULL,
    lexeme text NOT NULL,
    place bigint NOT NULL REFERENCES memories (place) ON UPDATE CASCADE ON DELETE CASCADE,
    frequency integer NOT NULL,
    -- The memory's, here too so that scoring touches this index alone.
    words integer NOT NULL,
    PRIMARY KEY (scope, lexeme, place) INCLUDE (frequency, words)
);
INSERT INTO memory_postings (scope, lexeme, place, frequency, words)
SELECT s.number, o.lexeme, m.place, o.frequency, o.words
FROM old_memory_postings o
JOIN memories m ON m.id = o.memory_id
JOIN memory_scopes s ON s.id = o.scope_id;
INSERT INTO memory_postings (scope, lexeme, place, frequency, words)
SELECT s.number, w.lexeme, m.place, array_length(w.positions, 1), m.words
FROM memories m
JOIN memory_scopes s ON s.id = m.scope_id
CROSS JOIN LATERAL unnest(to_tsvector('english', memory_day(m.occurred_at))) AS w
WHERE m.occurred_at IS NOT NULL
ON CONFLICT (scope, lexeme, place) DO UPDATE
SET frequency = memory_postings.frequency + EXCLUDED.frequency;
DROP TABLE old_memory_postings;
CREATE INDEX memory_postings_of_place ON memory_postings (place);

-- In how many memories of a scope a word stands, where these are many; counted by memory-worker.
CREATE TABLE memory_common_words (
    scope integer NOT NULL REFERENCES memory_scopes (number) ON DELETE CASCADE,
    lexeme text NOT NULL,
    memories bigint NOT NULL,
    PRIMARY KEY (scope, lexeme)
);

-- Vectors as the models made them. A memory has one model's at a time.
CREATE TABLE memory_base_vectors (
    place bigint PRIMARY KEY REFERENCES memories (place) ON UPDATE CASCADE ON DELETE CASCADE,
    model_id smallint NOT NULL REFERENCES memory_embedding_models,
    vector halfvec NOT NULL
);
ALTER TABLE memory_base_vectors ALTER COLUMN vector SET STORAGE PLAIN;
CREATE INDEX memory_base_vectors_of_model ON memory_base_vectors (model_id, place);
INSERT INTO memory_base_vectors (place, model_id, vector)
SELECT DISTINCT ON (m.place) m.place, v.model_id, v.vector
FROM memory_vectors v
JOIN memories m ON m.id = v.memory_id
JOIN memory_embedding_models e ON e.id = v.model_id
ORDER BY m.place, starts_with(e.name, 'offline/'), v.model_id DESC;

-- Vectors as they are searched: with half of the vector of the turn before.
DROP TABLE memory_vectors;
CREATE TABLE memory_vectors (
    model_id smallint NOT NULL REFERENCES memory_embedding_models,
    place bigint NOT NULL REFERENCES memories (place) ON UPDATE CASCADE ON DELETE CASCADE,
    scope integer NOT NULL,
    voice_hash integer,
    vector halfvec NOT NULL,
    PRIMARY KEY (model_id, place)
) PARTITION BY LIST (model_id);
-- Beside the row, not in a TOAST table: an exact scan reads every vector of a scope.
ALTER TABLE memory_vectors ALTER COLUMN vector SET STORAGE PLAIN;
CREATE INDEX memory_vectors_of_scope ON memory_vectors (scope, place);
DO $$
DECLARE
    model smallint;
BEGIN
    FOR model IN SELECT id FROM memory_embedding_models LOOP
        EXECUTE format(
            'CREATE TABLE memory_vectors_of_model_%s PARTITION OF memory_vectors FOR VALUES IN (%s)',
            model, model);
    END LOOP;
END $$;
INSERT INTO memory_vectors (model_id, place, scope, voice_hash, vector)
SELECT b.model_id, b.place, s.number, m.voice_hash,
    coalesce(l2_normalize(b.vector + b.vector + p.vector), b.vector)
FROM memory_base_vectors b
JOIN memories m ON m.place = b.place
JOIN memory_scopes s ON s.id = m.scope_id
LEFT JOIN memory_base_vectors p ON p.place = b.place - 1 AND p.model_id = b.model_id;

-- Memories that move to another embedding model, in the background.
CREATE TABLE memory_moves (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    model text NOT NULL,
    total bigint NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
