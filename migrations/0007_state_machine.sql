-- The task machine: which status may follow which, and what a task has in each of them. A bug in a
-- worker or in a route is an error here, never a task in a state that nothing leads out of.

-- Whether a task may go from one status to the other. A dead letter that a person has tried again
-- is the one way out of an end; the trigger below allows it beside these.
CREATE FUNCTION task_may_become(earlier text, later text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    -- Waits for its children, held by nobody.
    WHEN earlier = 'submitted'
        THEN later IN ('queued', 'pending_human_review', 'failed', 'cancelled')
    -- Claimed, wherever its checkpoint stands; held back or ended only by a restore or a cancel.
    WHEN earlier = 'queued'
        THEN later IN ('context_running', 'task_running', 'guardrail_running', 'review_running',
            'completing', 'pending_human_review', 'failed', 'cancelled')
    -- Stages come in the order that the pod gives, the review loop goes back; from each of them
    -- the task may be given back, suspended or ended.
    WHEN earlier IN ('context_running', 'task_running', 'guardrail_running', 'review_running',
            'completing')
        THEN true
    -- Answered, refused, cancelled; a restore puts its own question before any other.
    WHEN earlier = 'pending_human_review' THEN later IN ('queued', 'failed', 'cancelled')
    WHEN earlier = 'clarification_needed'
        THEN later IN ('queued', 'pending_human_review', 'failed', 'cancelled')
    ELSE false
END;

CREATE FUNCTION refuse_task_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'task % can not %', NEW.id,
        CASE TG_OP WHEN 'INSERT' THEN 'begin as ' || NEW.status
            ELSE 'go from ' || OLD.status || ' to ' || NEW.status END
        USING ERRCODE = 'check_violation', TABLE = 'tasks', CONSTRAINT = 'tasks_transition';
END $$;
-- The conditions are tested without entering the function, which only ever refuses.
CREATE TRIGGER tasks_transition BEFORE UPDATE ON tasks FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND NOT task_may_become(OLD.status, NEW.status)
        AND NOT (OLD.status = 'failed' AND NEW.status = 'queued'
            AND OLD.dead_lettered_at IS NOT NULL AND NEW.dead_lettered_at IS NULL))
    EXECUTE FUNCTION refuse_task_transition();
CREATE TRIGGER tasks_beginning BEFORE INSERT ON tasks FOR EACH ROW
    WHEN (NEW.status NOT IN ('submitted', 'queued'))
    EXECUTE FUNCTION refuse_task_transition();

ALTER TABLE tasks
    ADD CONSTRAINT tasks_boot_of_holder CHECK ((boot_id IS NULL) = (holder IS NULL)),
    ADD CONSTRAINT tasks_pending_while_waiting CHECK (
        (pending IS NOT NULL) = (status IN ('pending_human_review', 'clarification_needed'))),
    -- What a reader is shown of a waiting task must be complete, and its route must fit.
    ADD CONSTRAINT tasks_pending_is_answerable CHECK (
        pending IS NULL OR (pending ->> 'id' IS NOT NULL AND pending ->> 'prompt' IS NOT NULL
            AND coalesce(pending ->> 'kind', '') IN ('decision', 'tool', 'budget',
                'unknown_outcome', 'restored', 'clarification')
            AND (pending ->> 'kind' = 'clarification') = (status = 'clarification_needed'))),
    ADD CONSTRAINT tasks_completed_when_ended CHECK (
        (completed_at IS NOT NULL) = (status IN ('complete', 'failed', 'cancelled'))),
    ADD CONSTRAINT tasks_output_when_complete CHECK (
        (output IS NOT NULL) = (status = 'complete')),
    ADD CONSTRAINT tasks_error_when_failed CHECK (
        (error IS NOT NULL) = (status IN ('failed', 'cancelled'))),
    ADD CONSTRAINT tasks_dead_when_failed CHECK (dead_lettered_at IS NULL OR status = 'failed'),
    ADD CONSTRAINT tasks_started_when_held CHECK (holder IS NULL OR started_at IS NOT NULL),
    ADD CONSTRAINT tasks_counts CHECK (attempt >= 0 AND retry_count BETWEEN 0 AND max_retries);

-- What a restored database must do before anybody works on it: the journal has forgotten what was
-- done since the backup, so a person looks at each unfinished pipeline task first. A turn of an
-- agent has a person waiting who can ask again: it ends. All streams go on beyond any id that a
-- reader can have. Returns how many tasks were unfinished.
CREATE FUNCTION hold_restored_tasks() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    unfinished record;
    told jsonb;
    latest bigint;
    next_id bigint;
    held integer := 0;
BEGIN
    UPDATE streams SET reserved_to = reserved_to + 1000000;
    FOR unfinished IN
        UPDATE tasks SET
            attempt = attempt + 1, holder = NULL, boot_id = NULL, lease_until = NULL,
            status = CASE kind WHEN 'pipeline' THEN 'pending_human_review' ELSE 'failed' END,
            pending = CASE kind WHEN 'pipeline' THEN jsonb_build_object(
                'id', gen_random_uuid(), 'kind', 'restored', 'options', '["approve", "reject"]'::jsonb,
                'prompt', 'Nova was restored from a backup, which knows nothing of what this task'
                    || ' did after it was made: calls may be made a second time. Look what is'
                    || ' there. Approve to let the task go on from the backup. Reject to end it.')
                END,
            error = CASE WHEN kind <> 'pipeline' THEN
                'Nova was restored from a backup while this was unfinished; ask again.' END,
            completed_at = CASE WHEN kind <> 'pipeline' THEN clock_timestamp() END
        WHERE status NOT IN ('complete', 'failed', 'cancelled')
        RETURNING id, stream_id, status, pending, error
    LOOP
        SELECT coalesce(max(last_id), 0) INTO latest FROM stream_events
        WHERE stream_id = unfinished.stream_id;
        FOREACH told IN ARRAY array_remove(ARRAY[
            jsonb_build_object('type', 'rewind', 'to', latest),
            CASE WHEN unfinished.error IS NOT NULL THEN jsonb_build_object(
                'type', 'error', 'code', 'restored', 'detail', unfinished.error) END,
            jsonb_strip_nulls(jsonb_build_object('type', 'status', 'status', unfinished.status,
                'pending', unfinished.pending))
        ], NULL) LOOP
            UPDATE streams SET reserved_to = reserved_to + 1 WHERE id = unfinished.stream_id
            RETURNING reserved_to INTO next_id;
            INSERT INTO stream_events
                (stream_id, first_id, last_id, previous_id, task_id, kind, payload)
            VALUES (unfinished.stream_id, next_id, next_id, latest, unfinished.id, 'event', told);
            latest := next_id;
        END LOOP;
        held := held + 1;
    END LOOP;
    RETURN held;
END $$;

-- The pod and its agents as they were when a task began, once for all tasks that found them so.
-- What is edited afterwards is for new tasks only: one that is resumed, replayed or forked goes on
-- with what it started with.
CREATE TABLE pod_snapshots (
    digest text PRIMARY KEY,
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE tasks
    ADD COLUMN snapshot text REFERENCES pod_snapshots,
    ADD COLUMN forked_from uuid REFERENCES tasks ON DELETE SET NULL,
    ADD COLUMN forked_step bigint CHECK (forked_step >= 0);
CREATE INDEX tasks_of_fork ON tasks (forked_from) WHERE forked_from IS NOT NULL;
