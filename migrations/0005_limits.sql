-- Limits of pods and keys, budgets that can be raised, and the time a task may run.

SELECT 1;
