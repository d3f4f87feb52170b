"""Fixtures that every test may use; they live in tests/fixtures, one file per kind of server."""

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
