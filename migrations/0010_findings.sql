-- What the deterministic scanners found is journalled like any other step: a resumed or replayed
-- task goes on with that, not with what files or sources hold by then.

ALTER TABLE task_steps DROP CONSTRAINT task_steps_kind_check;
ALTER TABLE task_steps ADD CONSTRAINT task_steps_kind_check
    CHECK (kind IN ('model', 'tool', 'memory', 'scan'));
