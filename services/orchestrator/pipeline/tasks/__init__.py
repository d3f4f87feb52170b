"""Pipeline tasks as their owners see them: submit, list, review, delete."""
