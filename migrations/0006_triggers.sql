-- Schedules and webhooks: what submits tasks by itself.

SELECT 1;
