-- What the gateway keeps: a row for every model call, and budgets with what is reserved against
-- them. Written by llm-gateway alone; the orchestrator reads them to show usage.

-- One finished or failed model call. cost_usd NULL: the price was not known when it was made.
-- `estimated`: the provider gave no usage (a cut stream, say), so the tokens were counted here.
CREATE TABLE usage_events (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('chat', 'embedding')),
    key_id uuid,
    task_id uuid,
    agent_id uuid,
    session_id uuid,
    -- The step (or the call itself) that its budgets were reserved for.
    step_id text NOT NULL,
    caller text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL DEFAULT 0,
    cost_usd numeric,
    estimated boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('ok', 'error', 'cancelled')),
    error text,
    duration_ms integer NOT NULL,
    request_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX usage_events_recent ON usage_events (created_at DESC);
CREATE INDEX usage_events_of_key ON usage_events (key_id, created_at DESC) WHERE key_id IS NOT NULL;
CREATE INDEX usage_events_of_task ON usage_events (task_id) WHERE task_id IS NOT NULL;

-- Spent and reserved together never pass the limit that a reservation is made under.
CREATE TABLE budgets (
    scope text NOT NULL CHECK (scope IN ('task', 'pod', 'key', 'day')),
    id text NOT NULL,
    limit_usd numeric NOT NULL CHECK (limit_usd >= 0),
    spent_usd numeric NOT NULL DEFAULT 0,
    reserved_usd numeric NOT NULL DEFAULT 0 CHECK (reserved_usd >= 0),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, id)
);

CREATE TABLE budget_reservations (
    step_id text NOT NULL,
    scope text NOT NULL,
    budget_id text NOT NULL,
    amount_usd numeric NOT NULL CHECK (amount_usd >= 0),
    state text NOT NULL CHECK (state IN ('held', 'settled', 'freed')),
    -- By the database's clock; the gateway that holds it pushes it on while the call runs.
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (step_id, scope, budget_id),
    FOREIGN KEY (scope, budget_id) REFERENCES budgets (scope, id)
);
CREATE INDEX budget_reservations_leases ON budget_reservations (lease_until);

-- Reserve `amount` for a step against every budget named, or against none: the first budget that
-- would be passed is returned ("scope id"), and the caller rolls back. NULL: all is reserved. A
-- step that already holds a reservation keeps it. Budgets are locked in the order of their keys,
-- so that two calls never wait for each other in a circle.
CREATE FUNCTION reserve_budgets(
    step text, scopes text[], ids text[], limits numeric[], amount numeric, lease_seconds float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    previous text;
    ends timestamptz := clock_timestamp() + make_interval(secs => lease_seconds);
BEGIN
    FOR wanted IN
        SELECT scope, id, min(ceiling) AS ceiling
        FROM unnest(scopes, ids, limits) AS given (scope, id, ceiling)
        GROUP BY scope, id ORDER BY scope, id
    LOOP
        INSERT INTO budgets (scope, id, limit_usd) VALUES (wanted.scope, wanted.id, wanted.ceiling)
        ON CONFLICT (scope, id) DO UPDATE SET limit_usd = wanted.ceiling, updated_at = now();
        SELECT state INTO previous FROM budget_reservations r
        WHERE r.step_id = step AND r.scope = wanted.scope AND r.budget_id = wanted.id FOR UPDATE;
        IF previous = 'held' THEN
            UPDATE budget_reservations r SET lease_until = ends
            WHERE r.step_id = step AND r.scope = wanted.scope AND r.budget_id = wanted.id;
            CONTINUE;
        END IF;
        UPDATE budgets b SET reserved_usd = b.reserved_usd + amount
        WHERE b.scope = wanted.scope AND b.id = wanted.id
          AND b.spent_usd + b.reserved_usd + amount <= b.limit_usd;
        IF NOT FOUND THEN
            RETURN wanted.scope || ' ' || wanted.id;
        END IF;
        INSERT INTO budget_reservations (step_id, scope, budget_id, amount_usd, state, lease_until)
        VALUES (step, wanted.scope, wanted.id, amount, 'held', ends)
        ON CONFLICT (step_id, scope, budget_id) DO UPDATE
        SET amount_usd = amount, state = 'held', lease_until = ends;
    END LOOP;
    RETURN NULL;
END $$;

-- Replace a step's reservations by what it cost. A second time changes nothing; one that the
-- sweeper had freed is still charged. Returns how many budgets were charged.
CREATE FUNCTION settle_budgets(step text, cost numeric) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    held record;
    charged integer := 0;
BEGIN
    FOR held IN
        SELECT r.scope, r.budget_id, r.amount_usd, r.state FROM budget_reservations r
        WHERE r.step_id = step AND r.state <> 'settled'
        ORDER BY r.scope, r.budget_id
    LOOP
        -- The budget before its reservation, as reserve_budgets locks them.
        PERFORM 1 FROM budgets b WHERE b.scope = held.scope AND b.id = held.budget_id FOR UPDATE;
        UPDATE budget_reservations r SET state = 'settled'
        WHERE r.step_id = step AND r.scope = held.scope AND r.budget_id = held.budget_id
          AND r.state = held.state;
        IF FOUND THEN
            UPDATE budgets b
            SET spent_usd = b.spent_usd + cost, updated_at = now(),
                reserved_usd = b.reserved_usd
                    - CASE WHEN held.state = 'held' THEN held.amount_usd ELSE 0 END
            WHERE b.scope = held.scope AND b.id = held.budget_id;
            charged := charged + 1;
        END IF;
    END LOOP;
    RETURN charged;
END $$;

-- Free the reservations whose lease has ended: their gateway died. Returns how many.
CREATE FUNCTION free_expired_reservations() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    lost record;
    freed integer := 0;
BEGIN
    FOR lost IN
        SELECT r.step_id, r.scope, r.budget_id FROM budget_reservations r
        WHERE r.state = 'held' AND r.lease_until < clock_timestamp()
        ORDER BY r.scope, r.budget_id
    LOOP
        PERFORM 1 FROM budgets b WHERE b.scope = lost.scope AND b.id = lost.budget_id FOR UPDATE;
        WITH gone AS (
            UPDATE budget_reservations r SET state = 'freed'
            WHERE r.step_id = lost.step_id AND r.scope = lost.scope
              AND r.budget_id = lost.budget_id AND r.state = 'held'
              AND r.lease_until < clock_timestamp()
            RETURNING r.amount_usd
        )
        UPDATE budgets b SET reserved_usd = b.reserved_usd - gone.amount_usd, updated_at = now()
        FROM gone WHERE b.scope = lost.scope AND b.id = lost.budget_id;
        IF FOUND THEN
            freed := freed + 1;
        END IF;
    END LOOP;
    RETURN freed;
END $$;
