"""The orchestrator's app for the tests beneath."""

from tests.fixtures.orchestrator import orchestrator

__all__ = ["orchestrator"]
