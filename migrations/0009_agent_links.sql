-- External agent endpoints, and parents that wait for their child tasks.
--
-- A task that waits for what it has started elsewhere (child tasks, calls of external agents) is
-- `submitted`: held by nobody, claimable by nobody. What ends wakes it, in the same transaction.
-- Rows are locked from the deepest task up, and downwards only with SKIP LOCKED, so that parents
-- and children never wait for each other in a circle; what was passed over, a sweep does.

ALTER TABLE tasks
    -- The task at the top of the chain of parents; NULL for one without a parent.
    ADD COLUMN root_task_id uuid REFERENCES tasks ON DELETE CASCADE,
    DROP CONSTRAINT tasks_parent_task_id_fkey,
    ADD CONSTRAINT tasks_parent_task_id_fkey
        FOREIGN KEY (parent_task_id) REFERENCES tasks ON DELETE CASCADE,
    ADD CHECK ((parent_task_id IS NULL) = (root_task_id IS NULL)),
    ADD CHECK ((parent_task_id IS NULL) = (depth = 0));
CREATE INDEX tasks_of_root ON tasks (root_task_id) WHERE root_task_id IS NOT NULL;
CREATE INDEX tasks_open_children ON tasks (parent_task_id)
    WHERE parent_task_id IS NOT NULL AND status NOT IN ('complete', 'failed', 'cancelled');
CREATE INDEX tasks_awaiting ON tasks (queue) WHERE status = 'submitted';

-- Agents outside of Nova. The token is encrypted with NOVA_SECRET_KEY; NULL: none is needed.
CREATE TABLE agent_endpoints (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    url text NOT NULL,
    auth_token text,
    protocol text NOT NULL CHECK (protocol IN ('a2a', 'acp', 'generic')),
    input_schema jsonb,
    output_schema jsonb,
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- One call of an external agent; `id` is the call's own, made of its task and step, and stands
-- before anything is sent. `sending` after a crash: it may or may not have been received.
CREATE TABLE remote_calls (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    endpoint_id uuid REFERENCES agent_endpoints ON DELETE SET NULL,
    state text NOT NULL CHECK (state IN ('sending', 'waiting', 'done', 'failed')),
    -- How the other side names the work, and what is needed to ask for it again.
    remote jsonb NOT NULL DEFAULT '{}',
    output text,
    -- Whoever polls it pushes this on first; by the database's clock.
    poll_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    polls integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX remote_calls_of_task ON remote_calls (task_id);
CREATE INDEX remote_calls_due ON remote_calls (poll_at) WHERE state = 'waiting';

CREATE FUNCTION awaits_something(task uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM tasks AS child WHERE child.parent_task_id = task
            AND child.status NOT IN ('complete', 'failed', 'cancelled')
    ) OR EXISTS (SELECT FROM remote_calls WHERE task_id = task AND state = 'waiting')
$$;

-- Queue a waiting task if nothing that it waits for is left. The lock comes first, in a statement
-- of its own: of two that end at once the second sees the first one's end.
CREATE FUNCTION wake_waiting_task(task uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM tasks WHERE id = task FOR NO KEY UPDATE;
    UPDATE tasks SET status = 'queued', available_at = clock_timestamp()
    WHERE id = task AND status = 'submitted' AND NOT awaits_something(task);
END $$;

-- A task's end, whatever has ended it: its parent goes on, its own children do not. A child that
-- is held is cancelled by its holder, which looks at the parent too.
CREATE FUNCTION follow_task_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tasks SET status = 'cancelled', error = 'cancelled', pending = NULL,
        cancel_requested_at = clock_timestamp(), completed_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM tasks WHERE parent_task_id = NEW.id AND holder IS NULL
            AND status NOT IN ('complete', 'failed', 'cancelled') FOR UPDATE SKIP LOCKED);
    -- Whoever looks after these tells the other side that nobody waits any more.
    UPDATE remote_calls SET poll_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM remote_calls WHERE task_id = NEW.id AND state = 'waiting'
        FOR UPDATE SKIP LOCKED);
    IF NEW.parent_task_id IS NOT NULL THEN
        PERFORM wake_waiting_task(NEW.parent_task_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tasks_end AFTER UPDATE OF status ON tasks FOR EACH ROW
    WHEN (NEW.status IN ('complete', 'failed', 'cancelled')
        AND OLD.status NOT IN ('complete', 'failed', 'cancelled'))
    EXECUTE FUNCTION follow_task_end();

-- A child's conversation goes with it.
CREATE FUNCTION follow_child_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM agent_sessions WHERE id = OLD.session_id
        AND NOT EXISTS (SELECT FROM tasks WHERE session_id = OLD.session_id);
    DELETE FROM streams WHERE id = OLD.stream_id
        AND NOT EXISTS (SELECT FROM tasks WHERE stream_id = OLD.stream_id)
        AND NOT EXISTS (SELECT FROM agent_sessions WHERE id = OLD.stream_id);
    RETURN NULL;
END $$;
CREATE TRIGGER tasks_child_deleted AFTER DELETE ON tasks FOR EACH ROW
    WHEN (OLD.parent_task_id IS NOT NULL) EXECUTE FUNCTION follow_child_deletion();

CREATE FUNCTION follow_remote_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM wake_waiting_task(NEW.task_id);
    RETURN NULL;
END $$;
CREATE TRIGGER remote_calls_end AFTER UPDATE OF state ON remote_calls FOR EACH ROW
    WHEN (OLD.state = 'waiting' AND NEW.state IN ('done', 'failed'))
    EXECUTE FUNCTION follow_remote_end();
