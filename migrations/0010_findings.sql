-- What scanners and stages find.

SELECT 1;
