-- What /v1/responses keeps for previous_response_id: each response with the input that it was made
-- from. A conversation is the chain of previous_id. Written by llm-gateway alone.

CREATE TABLE stored_responses (
    id text PRIMARY KEY,
    -- The key that made it, or the administrator; to anybody else it is not there.
    tenant text NOT NULL,
    -- May name a row that is gone: its owner may delete one out of the middle.
    previous_id text,
    -- json, not jsonb: kept as it came, U+0000 in a text too, which jsonb refuses.
    input json NOT NULL,
    response json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Whoever goes on with a conversation uses all of its rows, so that it expires as a whole.
    used_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stored_responses_used ON stored_responses (used_at);
