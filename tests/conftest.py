"""Fixtures that every test may use; they live in tests/fixtures, one file per kind of server."""

pytest_plugins = ["tests.fixtures.nova", "tests.fixtures.postgres", "tests.fixtures.redis"]
