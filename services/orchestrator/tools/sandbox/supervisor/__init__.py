"""Stands between a worker and one tool process, and ends the tool unless it is told to go on.

A program of its own (see `COMMAND` in process.py), standard library only, started with an empty
environment. Standard input brings one JSON object, the order, and then one line with the new
deadline per heartbeat of the task's lease; its end means that the worker is gone. Standard output
is the tool's own. Standard error carries one JSON object at the end: why the tool ended, and its
exit code. Killing this program kills the tool as well: bubblewrap and the kernel see to it.
"""
