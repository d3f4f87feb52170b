-- Many calls in one transaction: under load a commit costs more than the call's rows. What holds the
-- budgets of several calls at once locks them all first, in the order of their keys, so that two
-- batches never wait for each other in a circle.

-- Lock the budgets that are named, those that are new too.
CREATE FUNCTION lock_budgets(scopes text[], ids text[], limits numeric[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO budgets (scope, id, limit_usd)
    SELECT given.scope, given.id, min(given.ceiling)
    FROM unnest(scopes, ids, limits) AS given (scope, id, ceiling)
    GROUP BY given.scope, given.id ORDER BY given.scope, given.id
    ON CONFLICT (scope, id) DO NOTHING;
    PERFORM 1 FROM budgets b
    WHERE (b.scope, b.id) IN (SELECT * FROM unnest(scopes, ids))
    ORDER BY b.scope, b.id FOR UPDATE;
END $$;

-- Reserve for each call, or tell why not: `problem` is NULL, 'short' (with the budget that has not
-- enough left) or 'repeated' (its step was reserved for before). One call's problem is not another's.
CREATE FUNCTION open_calls_together(
    calls jsonb, own_name text, own_boot uuid, lease_seconds float8
) RETURNS TABLE (
    call_id uuid, problem text, scope text, id text, limit_usd numeric, spent_usd numeric,
    reserved_usd numeric, resets_at timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    today text := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD');
    wanted record;
    short record;
BEGIN
    PERFORM lock_budgets(array_agg(one.scope), array_agg(one.id), array_agg(one.ceiling))
    FROM (
        SELECT budget.scope, budget.ceiling,
            budget.id || CASE WHEN budget.daily THEN ' ' || today ELSE '' END AS id
        FROM jsonb_to_recordset(calls)
                AS c (scopes text[], ids text[], limits numeric[], daily boolean[]),
            unnest(c.scopes, c.ids, c.limits, c.daily) AS budget (scope, id, ceiling, daily)
    ) AS one HAVING count(*) > 0;
    FOR wanted IN
        SELECT * FROM jsonb_to_recordset(calls) AS c (
            id uuid, step_id text, kind text, key_id uuid, task_id uuid, agent_id uuid,
            session_id uuid, caller text, provider text, model text, request_id text,
            input_tokens bigint, output_tokens bigint, cost_usd numeric, scopes text[], ids text[],
            limits numeric[], daily boolean[])
    LOOP
        call_id := wanted.id;
        problem := NULL;
        BEGIN
            SELECT * INTO short FROM reserve_budgets(wanted.step_id, wanted.scopes, wanted.ids,
                wanted.limits, wanted.daily, wanted.cost_usd);
            IF FOUND THEN
                RETURN QUERY SELECT wanted.id, 'short', short.scope, short.id, short.limit_usd,
                    short.spent_usd, short.reserved_usd, short.resets_at;
                CONTINUE;
            END IF;
            INSERT INTO open_calls (id, step_id, kind, key_id, task_id, agent_id, session_id,
                caller, provider, model, request_id, input_tokens, output_tokens, cost_usd, holder,
                boot_id, lease_until, dispatched_at)
            VALUES (wanted.id, wanted.step_id, wanted.kind, wanted.key_id, wanted.task_id,
                wanted.agent_id, wanted.session_id, wanted.caller, wanted.provider, wanted.model,
                wanted.request_id, wanted.input_tokens, wanted.output_tokens, wanted.cost_usd,
                own_name, own_boot, clock_timestamp() + make_interval(secs => lease_seconds),
                CASE WHEN cardinality(wanted.scopes) = 0 THEN clock_timestamp() END);
        EXCEPTION WHEN unique_violation THEN
            problem := 'repeated';
        END;
        scope := NULL;
        id := NULL;
        RETURN NEXT;
    END LOOP;
END $$;

-- Write the usage of calls that have ended, and settle what was reserved for those with a `charge`.
-- Twice is the same as once; what was taken for lost, and written so, is put right.
CREATE FUNCTION record_calls(calls jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    ended record;
    written integer;
BEGIN
    -- Calls before budgets, as settle_lost_call locks them.
    PERFORM 1 FROM open_calls o
    WHERE o.id IN (SELECT c.id FROM jsonb_to_recordset(calls) AS c (id uuid))
    ORDER BY o.id FOR UPDATE;
    DELETE FROM open_calls o
    WHERE o.id IN (SELECT c.id FROM jsonb_to_recordset(calls) AS c (id uuid));
    PERFORM 1 FROM budgets b
    WHERE (b.scope, b.id) IN (
        SELECT r.scope, r.budget_id FROM budget_reservations r
        JOIN jsonb_to_recordset(calls) AS c (step_id text, charge numeric)
            ON c.step_id = r.step_id AND c.charge IS NOT NULL)
    ORDER BY b.scope, b.id FOR UPDATE;
    FOR ended IN
        SELECT c.step_id, c.charge FROM jsonb_to_recordset(calls)
            AS c (step_id text, charge numeric)
        WHERE c.charge IS NOT NULL
    LOOP
        PERFORM end_reservations(ended.step_id, ended.charge, 'settled');
    END LOOP;
    INSERT INTO usage_events (id, kind, key_id, task_id, agent_id, session_id, step_id, caller,
        provider, model, input_tokens, output_tokens, cached_tokens, cost_usd, estimated, status,
        error, duration_ms, request_id, source, cache_write_tokens)
    SELECT DISTINCT ON (c.id) c.id, c.kind, c.key_id, c.task_id, c.agent_id, c.session_id,
        c.step_id, c.caller, c.provider, c.model, c.input_tokens, c.output_tokens, c.cached_tokens,
        c.cost_usd, c.estimated, c.status, c.error, c.duration_ms, c.request_id,
        coalesce(c.source, 'provider'), coalesce(c.cache_write_tokens, 0)
    FROM jsonb_to_recordset(calls) AS c (
        id uuid, kind text, key_id uuid, task_id uuid, agent_id uuid, session_id uuid, step_id text,
        caller text, provider text, model text, input_tokens bigint, output_tokens bigint,
        cached_tokens bigint, cost_usd numeric, estimated boolean, status text, error text,
        duration_ms integer, request_id text, source text, cache_write_tokens bigint)
    ON CONFLICT (id) DO UPDATE SET input_tokens = excluded.input_tokens,
        output_tokens = excluded.output_tokens, cached_tokens = excluded.cached_tokens,
        cost_usd = excluded.cost_usd, estimated = excluded.estimated, status = excluded.status,
        error = excluded.error, duration_ms = excluded.duration_ms,
        cache_write_tokens = excluded.cache_write_tokens
    WHERE usage_events.status = 'lost';
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
