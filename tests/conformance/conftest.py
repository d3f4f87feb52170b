"""Which memory-service the suite runs against: the real one (with the real llm-gateway) and the
minimal one, or any URL.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.memory_service import (
    ADMIN_SECRET,
    memory_environment,
    running_app,
    running_memory,
    running_minimal,
)
from tests.fixtures.postgres import PostgresServer

_OUTSIDE_URL = "NOVA_CONFORMANCE_URL"
_OUTSIDE_KEY = "NOVA_CONFORMANCE_KEY"
_IMPLEMENTATIONS = ["outside"] if _OUTSIDE_URL in os.environ else ["real", "minimal"]


@pytest.fixture(scope="session", params=_IMPLEMENTATIONS)
def memory_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The base URL of a running memory-service."""
    home: Path = tmp_path_factory.mktemp("conformance")
    if request.param == "outside":
        yield os.environ[_OUTSIDE_URL]
    elif request.param == "minimal":
        with running_minimal(home) as url:
            yield url
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        template: str = request.getfixturevalue("template_database")
        server.execute(f"CREATE DATABASE conformance TEMPLATE {template}")
        url = server.dsn("conformance")
        environment = memory_environment(home, gateway_url="", database_url=url)
        with (
            running_app(
                "services.llm_gateway.main:app", environment=environment, log=home / "gateway.log"
            ) as gateway,
            running_memory(home, database_url=url, gateway_url=gateway) as process,
        ):
            yield process.url
        server.execute("DROP DATABASE conformance WITH (FORCE)")


@pytest.fixture(scope="session")
def credential() -> str:
    return os.environ.get(_OUTSIDE_KEY, ADMIN_SECRET)


@pytest.fixture
def memory(memory_url: str, credential: str) -> Iterator[httpx.Client]:
    """A client with a credential."""
    headers = {"Authorization": f"Bearer {credential}"}
    with httpx.Client(base_url=memory_url, headers=headers, timeout=60) as client:
        yield client
