"""Settings come from the environment; without a secret a process does not start."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from services.kit.launch.configuration import ROOT
from services.kit.settings import ServiceSettings
from tests.fixtures.kit_app import settings

START = "from services.kit.settings import *; print(load_settings(StatefulSettings))"
SECRETS = {
    "NOVA_ADMIN_SECRET": "secret-a",
    "NOVA_SERVICE_SECRET": "secret-b",
    "NOVA_SECRET_KEY": "secret-c",
    "DATABASE_URL": "postgresql://nova:secret-d@127.0.0.1/nova",
    "REDIS_URL": "redis://:secret-e@127.0.0.1",
}


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("missing", SECRETS)
def test_a_missing_secret_ends_the_process_and_is_named(missing: str) -> None:
    ended = start({name: value for name, value in SECRETS.items() if name != missing})
    assert ended.returncode == 78
    assert ended.stderr.startswith(f"{missing} is not set.")
    assert ended.stderr.count("\n") == 1
    assert "secret-" not in ended.stderr


def test_all_that_is_wrong_is_named_at_once() -> None:
    ended = start({"LOG_LEVEL": "LOUD", "REQUIRE_AUTH": "perhaps", "NOVA_ADMIN_SECRET": ""})
    assert ended.returncode == 78
    assert "Traceback" not in ended.stderr
    for name in (*SECRETS, "LOG_LEVEL", "REQUIRE_AUTH"):
        assert f"{name} is " in ended.stderr


def test_a_complete_environment_starts_and_shows_no_secret() -> None:
    ended = start({**SECRETS, "LOG_LEVEL": "debug", "NOVA_DB_POOL_SIZE": ""})
    assert ended.returncode == 0, ended.stderr
    assert "log_level='DEBUG'" in ended.stdout
    assert "nova_db_pool_size=10" in ended.stdout
    assert "secret-" not in ended.stdout


def test_they_are_frozen() -> None:
    with pytest.raises(ValidationError):
        settings().log_level = "DEBUG"


def test_lists_of_words() -> None:
    given = settings(cors_allowed_origins=" https://a.example ,,https://b.example,")
    assert given.allowed_origins() == ["https://a.example", "https://b.example"]
    assert settings(nova_allowed_hosts="A.example, b").allowed_hosts() == {"a.example", "b"}
    assert settings().allowed_origins() == []


def test_every_secret_is_hidden() -> None:
    secrets = [name for name in ServiceSettings.model_fields if "secret" in name]
    assert len(secrets) == 3
    assert all(str(getattr(settings(), name)) == "*" * 10 for name in secrets)
