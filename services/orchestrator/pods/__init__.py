"""Pods, the agents in them, and routing."""
