"""Tool calls in a temporary workspace."""

from tests.fixtures.tools import context, shell_context

__all__ = ["context", "shell_context"]
