-- External agent endpoints, and parents that wait for their child tasks.

SELECT 1;
