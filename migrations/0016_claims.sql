-- Claiming beside long queues: a session of which a turn is held is passed over as a whole, where
-- each of its waiting turns was looked at on its own (10,000 of them took a tenth of a second); and
-- a turn that was given a second chance waits for a later one that runs, as for every other.
CREATE OR REPLACE FUNCTION next_claimable(wanted_queue text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    full_pods uuid[];
    full_keys uuid[];
    busy_sessions uuid[];
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
        SELECT coalesce(array_agg(held.session_id), '{}') INTO busy_sessions FROM tasks AS held
        WHERE held.holder IS NOT NULL AND held.session_id IS NOT NULL;
        -- One turn of a session runs at a time: a task waits for every earlier one that has not
        -- ended. Submission numbers a session's tasks under the lock of its stream row, so that
        -- none slips in before.
        SELECT candidate.id, candidate.pod_id, candidate.key_id INTO best
        FROM tasks AS candidate
        WHERE candidate.queue = wanted_queue AND candidate.status = 'queued'
            AND candidate.available_at <= clock_timestamp()
            AND (candidate.pod_id IS NULL OR candidate.pod_id <> ALL (full_pods))
            AND (candidate.key_id IS NULL OR candidate.key_id <> ALL (full_keys))
            AND (candidate.session_id IS NULL OR (
                candidate.session_id <> ALL (busy_sessions) AND NOT EXISTS (
                    SELECT 1 FROM tasks AS earlier
                    WHERE earlier.session_id = candidate.session_id
                        AND earlier.status NOT IN ('complete', 'failed', 'cancelled')
                        AND earlier.queued_at < candidate.queued_at)))
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

-- A snapshot that no task names goes a day after it was of use last: a worker keeps what it has
-- used in its memory for an hour before it writes this anew.
ALTER TABLE pod_snapshots ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
