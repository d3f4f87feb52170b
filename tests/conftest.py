"""Fixtures that every test may use; they live in tests/fixtures, one file per kind of server."""

import pytest

# A file stands after those that it imports: pytest rewrites assertions only before an import.
pytest_plugins = [
    "tests.fixtures.http_clients",
    "tests.fixtures.forkserver",
    "tests.fixtures.nova",
    "tests.fixtures.postgres",
    "tests.fixtures.gateway",
    "tests.fixtures.redis",
    "tests.fixtures.embedding_gateway",
    "tests.fixtures.memory_service",
    "tests.fixtures.engine",
    "tests.fixtures.pipeline",
    "tests.fixtures.external_agents",
    "tests.fixtures.links",
    "tests.fixtures.working_orchestrator",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that at the end no process is left alone with one of them."""
    marks = ("e2e", "chaos")
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in marks))
