-- Limits that hold: how many tasks of a pod or a key run at once, how long a task may run, and
-- budgets that survive the death of whoever spends them.

ALTER TABLE pods
    ADD COLUMN max_concurrent_tasks integer CHECK (max_concurrent_tasks > 0),
    -- What all tasks of the pod together may cost in one day (UTC).
    ADD COLUMN daily_budget_usd numeric CHECK (daily_budget_usd >= 0);
ALTER TABLE api_keys
    ADD COLUMN max_concurrent_tasks integer CHECK (max_concurrent_tasks > 0);
CREATE INDEX api_keys_limited ON api_keys (id) WHERE max_concurrent_tasks IS NOT NULL;

INSERT INTO platform_config (key, value, value_schema, description) VALUES
    ('limits.day_budget_usd', 'null', '{"type": ["number", "null"], "minimum": 0}',
     'What all model calls together may cost in one day (UTC), in US dollars; null sets no limit');

ALTER TABLE tasks
    -- A person has raised the task's budget to this; it stands above the pod's and the metadata's.
    ADD COLUMN budget_usd numeric CHECK (budget_usd >= 0),
    -- How long the task has been run in all, without what it waited; up to `counted_at`.
    ADD COLUMN ran_seconds double precision NOT NULL DEFAULT 0,
    ADD COLUMN counted_at timestamptz;

-- Tasks that wait for a day's budget go on by themselves when `pending` says so (UTC, ISO 8601).
CREATE INDEX tasks_resuming ON tasks ((pending ->> 'resumes_at'))
    WHERE status = 'pending_human_review' AND pending ->> 'resumes_at' IS NOT NULL;

-- Each claim, heartbeat and release brings a task's clock up to date. What passed after the last
-- heartbeat of a holder whose lease ran out is not counted: nobody ran then.
CREATE FUNCTION tasks_count_run_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    IF OLD.holder IS NOT NULL AND OLD.lease_until > moment AND OLD.counted_at IS NOT NULL THEN
        NEW.ran_seconds := OLD.ran_seconds + extract(epoch FROM moment - OLD.counted_at);
    END IF;
    NEW.counted_at := CASE WHEN NEW.holder IS NOT NULL THEN moment END;
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_run_time BEFORE UPDATE OF holder, lease_until ON tasks
    FOR EACH ROW EXECUTE FUNCTION tasks_count_run_time();

-- The best claimable task of a queue, its row locked, or NULL. Tasks of a pod or a key that runs as
-- many as it may are passed over. Two workers that look at once could both see room for the last
-- one: so a task under a limit is taken only under one lock, with the counts read again behind it.
CREATE FUNCTION next_claimable(wanted_queue text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    full_pods uuid[];
    full_keys uuid[];
    best record;
    alone boolean := false;
BEGIN
    LOOP
        SELECT coalesce(array_agg(pods.id), '{}') INTO full_pods FROM pods
        WHERE pods.max_concurrent_tasks <= (
            SELECT count(*) FROM tasks AS held
            WHERE held.holder IS NOT NULL AND held.pod_id = pods.id);
        SELECT coalesce(array_agg(api_keys.id), '{}') INTO full_keys FROM api_keys
        WHERE api_keys.max_concurrent_tasks IS NOT NULL AND api_keys.max_concurrent_tasks <= (
            SELECT count(*) FROM tasks AS held
            WHERE held.holder IS NOT NULL AND held.key_id = api_keys.id);
        -- One turn of a session runs at a time: a task waits for every earlier one that has not
        -- ended. Submission numbers a session's tasks under the lock of its stream row, so that
        -- none slips in before.
        SELECT candidate.id, candidate.pod_id, candidate.key_id INTO best
        FROM tasks AS candidate
        WHERE candidate.queue = wanted_queue AND candidate.status = 'queued'
            AND candidate.available_at <= clock_timestamp()
            AND (candidate.pod_id IS NULL OR candidate.pod_id <> ALL (full_pods))
            AND (candidate.key_id IS NULL OR candidate.key_id <> ALL (full_keys))
            AND (candidate.session_id IS NULL OR NOT EXISTS (
                SELECT 1 FROM tasks AS earlier
                WHERE earlier.session_id = candidate.session_id
                    AND earlier.status NOT IN ('complete', 'failed', 'cancelled')
                    AND earlier.queued_at < candidate.queued_at))
        ORDER BY candidate.priority DESC, candidate.queued_at
        LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF best.id IS NULL OR alone OR NOT (
            EXISTS (SELECT 1 FROM pods
                WHERE pods.id = best.pod_id AND pods.max_concurrent_tasks IS NOT NULL)
            OR EXISTS (SELECT 1 FROM api_keys
                WHERE api_keys.id = best.key_id AND api_keys.max_concurrent_tasks IS NOT NULL)
        ) THEN
            RETURN best.id;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('nova.tasks.limited', 0));
        alone := true;
    END LOOP;
END $$;

-- The budgets that a task draws on beside those of its key and of the day: its own and those of the
-- tasks that it works for, each by the lower of the pod's and the metadata's limit unless a person
-- has set one, and those of the pods.
CREATE FUNCTION task_budgets(task uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH RECURSIVE line AS (
        SELECT id, parent_task_id, pod_id, metadata, budget_usd, 0 AS above
        FROM tasks WHERE id = task
        UNION ALL
        SELECT parent.id, parent.parent_task_id, parent.pod_id, parent.metadata,
            parent.budget_usd, line.above + 1
        FROM line JOIN tasks AS parent ON parent.id = line.parent_task_id WHERE line.above < 10
    ), limited AS (
        SELECT 'task' AS scope, line.id, false AS daily, line.above,
            coalesce(line.budget_usd, least(pods.max_cost_usd,
                CASE jsonb_typeof(line.metadata -> 'max_cost_usd') WHEN 'number'
                THEN greatest(0, (line.metadata ->> 'max_cost_usd')::numeric) END)) AS ceiling
        FROM line LEFT JOIN pods ON pods.id = line.pod_id
        UNION ALL
        SELECT DISTINCT ON (pods.id) 'pod', pods.id, true, 100, pods.daily_budget_usd
        FROM line JOIN pods ON pods.id = line.pod_id
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'id', id, 'limit_usd', ceiling,
        'daily', daily) ORDER BY above, id), '[]')
    FROM limited WHERE ceiling IS NOT NULL
$$;

DROP FUNCTION reserve_budgets;
DROP FUNCTION settle_budgets;
DROP FUNCTION free_expired_reservations;

-- lost: the call was dispatched and nobody knows how it ended; charged at its worst case.
ALTER TABLE usage_events
    DROP CONSTRAINT usage_events_status_check,
    ADD CONSTRAINT usage_events_status_check
        CHECK (status IN ('ok', 'error', 'cancelled', 'lost'));

-- A call that may cost money, from before it is dispatched until its usage is recorded, with what
-- its usage row will say if its gateway dies. Calls that are surely free have no row.
CREATE TABLE open_calls (
    id uuid PRIMARY KEY,
    step_id text NOT NULL UNIQUE,
    kind text NOT NULL,
    key_id uuid,
    task_id uuid,
    agent_id uuid,
    session_id uuid,
    caller text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    request_id text NOT NULL,
    -- The worst case; the cost is NULL where the price is not known.
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cost_usd numeric CHECK (cost_usd >= 0),
    -- The gateway that makes the call: its stable name with its host, and its boot.
    holder text NOT NULL,
    boot_id uuid NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL: only reserved; the provider has not been asked for anything.
    dispatched_at timestamptz,
    -- Pushed on while the call runs.
    lease_until timestamptz NOT NULL
);
CREATE INDEX open_calls_leases ON open_calls (lease_until);

-- lost: charged in full, until the gateway that made the call is back and says what it cost.
DROP INDEX budget_reservations_leases;
ALTER TABLE budget_reservations
    DROP COLUMN lease_until,
    DROP CONSTRAINT budget_reservations_state_check,
    ADD CONSTRAINT budget_reservations_state_check
        CHECK (state IN ('held', 'settled', 'freed', 'lost')),
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX budget_reservations_old ON budget_reservations (changed_at) WHERE state <> 'held';

-- Reserve `amount` for a step against every budget named, or against none: then the first budget
-- that would be passed is returned. A daily budget is a new one each day (UTC). Budgets are locked
-- in the order of their keys, so that two calls never wait for each other in a circle. A step is
-- reserved for once; again only if what was reserved had been freed.
CREATE FUNCTION reserve_budgets(
    step text, scopes text[], ids text[], limits numeric[], daily boolean[], amount numeric
) RETURNS TABLE (
    scope text, id text, limit_usd numeric, spent_usd numeric, reserved_usd numeric,
    resets_at timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    today text := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD');
    wanted record;
    found_budget record;
BEGIN
    FOR wanted IN
        SELECT given.scope, given.id || CASE WHEN given.daily THEN ' ' || today ELSE '' END AS id,
            min(given.ceiling) AS ceiling, bool_or(given.daily) AS daily
        FROM unnest(scopes, ids, limits, daily) AS given (scope, id, ceiling, daily)
        GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        INSERT INTO budgets AS b (scope, id, limit_usd)
        VALUES (wanted.scope, wanted.id, wanted.ceiling)
        ON CONFLICT (scope, id) DO UPDATE SET limit_usd = wanted.ceiling
        RETURNING b.limit_usd, b.spent_usd, b.reserved_usd INTO found_budget;
        IF found_budget.spent_usd + found_budget.reserved_usd + amount > wanted.ceiling THEN
            RETURN QUERY SELECT wanted.scope, wanted.id, found_budget.limit_usd,
                found_budget.spent_usd, found_budget.reserved_usd,
                CASE WHEN wanted.daily
                    THEN (today::timestamp + interval '1 day') AT TIME ZONE 'UTC' END;
            RETURN;
        END IF;
    END LOOP;
    FOR wanted IN
        SELECT DISTINCT given.scope,
            given.id || CASE WHEN given.daily THEN ' ' || today ELSE '' END AS id
        FROM unnest(scopes, ids, daily) AS given (scope, id, daily)
    LOOP
        INSERT INTO budget_reservations AS r (step_id, scope, budget_id, amount_usd, state)
        VALUES (step, wanted.scope, wanted.id, amount, 'held')
        ON CONFLICT (step_id, scope, budget_id) DO UPDATE
        SET amount_usd = amount, state = 'held', changed_at = clock_timestamp()
        WHERE r.state = 'freed';
        IF NOT FOUND THEN
            RAISE unique_violation USING MESSAGE = 'the step ' || step || ' was reserved for before';
        END IF;
        UPDATE budgets b SET reserved_usd = b.reserved_usd + amount, updated_at = now()
        WHERE b.scope = wanted.scope AND b.id = wanted.id;
    END LOOP;
END $$;

-- Replace a step's reservations by what it cost. With `outcome` settled a second time changes
-- nothing, and what was freed or charged in full before is put right.
CREATE FUNCTION end_reservations(step text, cost numeric, outcome text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    named record;
    held record;
BEGIN
    FOR named IN
        SELECT r.scope, r.budget_id FROM budget_reservations r
        WHERE r.step_id = step ORDER BY r.scope, r.budget_id
    LOOP
        -- The budget before its reservation, as reserve_budgets locks them.
        PERFORM 1 FROM budgets b WHERE b.scope = named.scope AND b.id = named.budget_id FOR UPDATE;
        SELECT r.state, r.amount_usd INTO held FROM budget_reservations r
        WHERE r.step_id = step AND r.scope = named.scope AND r.budget_id = named.budget_id;
        CONTINUE WHEN held.state = 'settled' OR (held.state <> 'held' AND outcome <> 'settled');
        UPDATE budget_reservations r SET state = outcome, changed_at = clock_timestamp()
        WHERE r.step_id = step AND r.scope = named.scope AND r.budget_id = named.budget_id;
        UPDATE budgets b
        SET updated_at = now(),
            reserved_usd = b.reserved_usd - CASE held.state WHEN 'held' THEN held.amount_usd ELSE 0 END,
            spent_usd = b.spent_usd - CASE held.state WHEN 'lost' THEN held.amount_usd ELSE 0 END
                + CASE outcome WHEN 'settled' THEN cost WHEN 'lost' THEN held.amount_usd ELSE 0 END
        WHERE b.scope = named.scope AND b.id = named.budget_id;
    END LOOP;
END $$;

-- A call has ended, and its gateway knows how: `cost` NULL if it draws on no budget.
CREATE FUNCTION close_call(call uuid, step text, cost numeric) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM open_calls c WHERE c.id = call;
    IF cost IS NOT NULL THEN
        PERFORM end_reservations(step, cost, 'settled');
    END IF;
    RETURN true;
END $$;

-- Settle one call whose gateway is gone, or return NULL if there is none: free if it was only
-- reserved, at its worst case and with a usage row if it was dispatched. A gateway that starts knows
-- that an earlier boot of its own name is dead.
CREATE FUNCTION settle_lost_call(own_name text, own_boot uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    gone open_calls;
BEGIN
    SELECT c.* INTO gone FROM open_calls c
    WHERE c.lease_until < clock_timestamp() OR (c.holder = own_name AND c.boot_id <> own_boot)
    ORDER BY c.lease_until LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF gone.id IS NULL THEN
        RETURN NULL;
    END IF;
    DELETE FROM open_calls c WHERE c.id = gone.id;
    IF gone.dispatched_at IS NULL THEN
        PERFORM end_reservations(gone.step_id, 0, 'freed');
        RETURN 'freed';
    END IF;
    PERFORM end_reservations(gone.step_id, 0, 'lost');
    INSERT INTO usage_events (id, kind, key_id, task_id, agent_id, session_id, step_id, caller,
        provider, model, input_tokens, output_tokens, cost_usd, estimated, status, error,
        duration_ms, request_id)
    VALUES (gone.id, gone.kind, gone.key_id, gone.task_id, gone.agent_id, gone.session_id,
        gone.step_id, gone.caller, gone.provider, gone.model, gone.input_tokens,
        gone.output_tokens, gone.cost_usd, true, 'lost',
        'the gateway was lost during the call; charged at its worst case',
        least(extract(epoch FROM clock_timestamp() - gone.opened_at) * 1000, 2147483647)::integer,
        gone.request_id)
    ON CONFLICT (id) DO NOTHING;
    RETURN 'lost';
END $$;

-- Long queues and long lists: those that wait for a person are counted, and tasks of one status are
-- listed newest first, without reading all tasks.
CREATE INDEX tasks_waiting_for_person ON tasks (status)
    WHERE status IN ('pending_human_review', 'clarification_needed');
CREATE INDEX tasks_of_status ON tasks (status, queued_at DESC) WHERE kind = 'pipeline';
