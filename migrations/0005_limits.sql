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

