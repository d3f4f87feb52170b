-- The task machine's legal transitions, replays and forks.

SELECT 1;
