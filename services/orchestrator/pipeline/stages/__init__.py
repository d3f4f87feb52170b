"""One file is one role: its result, its place in the task's life, what follows from its result.

A module here with a `ROLE` is found by itself; its prompt stands beside it as `<role>.md`.
"""
