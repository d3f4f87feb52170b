"""Runs tasks: chat turns, single-agent tasks and pipelines, and owns agents, pods and keys."""
