-- Skills (reusable prompt blocks) and rules (checks before a tool call).

SELECT 1;
