"""One Nova for the tests here that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.fixtures.nova import Nova


@pytest.fixture(scope="package")
def nova(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nova]:
    instance = Nova(tmp_path_factory.mktemp("nova") / "home", {}, seconds=60)
    try:
        instance.wait_until_ready()
        yield instance
    finally:
        instance.stop()
