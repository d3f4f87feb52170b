"""What this start of Nova is given: real environment over .env over $NOVA_HOME/env."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from services.kit.launch.postgres import DATABASE, USER
from services.kit.launch.problem import LaunchError
from services.kit.launch.processes import PROCESSES, Kind, Process

ROOT = Path(__file__).resolve().parents[3]
_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Configuration:
    """The merged settings of one start; `values` holds everything a process may read."""

    home: Path
    values: Mapping[str, str]

    @property
    def run_dir(self) -> Path:
        return self.home / "run"

    @property
    def workspace(self) -> Path:
        return Path(self.values.get("NOVA_WORKSPACE") or self.home / "workspace").absolute()

    @property
    def bind(self) -> str:
        return self.values.get("NOVA_BIND") or "127.0.0.1"

    @property
    def owns_postgres(self) -> bool:
        return not self.values.get("DATABASE_URL")

    @property
    def owns_redis(self) -> bool:
        return not self.values.get("REDIS_URL")

    @property
    def auth_required(self) -> bool:
        return self.values.get("REQUIRE_AUTH", "true").lower() not in ("false", "0", "no", "off")

    def port(self, process: Process) -> int:
        text = self.values.get(process.port_variable) or str(process.default_port)
        if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _HIGHEST_PORT:
            raise LaunchError(f"{process.port_variable}={text} is not a port number.")
        return int(text)

    def host(self, process: Process) -> str:
        """The address that the process listens on."""
        return self.bind if process.public else "127.0.0.1"

    def url(self, process: Process) -> str:
        """Where the other processes reach it."""
        host = self.host(process)
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port(process)}"

    @property
    def database_url(self) -> str:
        if not self.owns_postgres:
            return self.values["DATABASE_URL"]
        password = quote(self.values["NOVA_POSTGRES_PASSWORD"], safe="")
        port = self.port(PROCESSES["postgres"])
        return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"

    @property
    def redis_url(self) -> str:
        if not self.owns_redis:
            return self.values["REDIS_URL"]
        password = quote(self.values["NOVA_REDIS_PASSWORD"], safe="")
        return f"redis://:{password}@127.0.0.1:{self.port(PROCESSES['redis'])}"

    def processes(self) -> list[Process]:
        """The processes that this configuration needs."""
        unused = {
            name
            for name, owned in (("postgres", self.owns_postgres), ("redis", self.owns_redis))
            if not owned
        }
        return [process for process in PROCESSES.values() if process.name not in unused]

    def listens_outside_loopback(self) -> bool:
        try:
            return not ipaddress.ip_address(self.bind).is_loopback
        except ValueError:  # a name
            return self.bind != "localhost"


def load_configuration() -> Configuration:
    """Merge the three sources. The home need not exist yet."""
    # An empty variable counts as not set: a copied .env.example is full of them.
    given = {name: value for name, value in os.environ.items() if value}
    values = read_env_file(Path(given.get("NOVA_ENV_FILE") or ROOT / ".env")) | given
    home = (ROOT / Path(values.get("NOVA_HOME") or ".nova").expanduser()).absolute()
    return Configuration(home, read_env_file(home / "env") | values | {"NOVA_HOME": str(home)})


def child_environment(configuration: Configuration, process: Process) -> dict[str, str]:
    """The environment of one process. PostgreSQL and Redis learn none of Nova's secrets."""
    if process.kind is Kind.STORE:
        passed_on = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
        return {name: os.environ[name] for name in passed_on if name in os.environ}
    peers = {
        peer.url_variable: configuration.url(peer)
        for peer in PROCESSES.values()
        if peer.kind is Kind.WEB
    }
    withheld = ("NOVA_POSTGRES_PASSWORD", "NOVA_REDIS_PASSWORD")
    given = {name: value for name, value in configuration.values.items() if name not in withheld}
    return {
        **peers,
        **given,
        "NOVA_HOME": str(configuration.home),
        "NOVA_WORKSPACE": str(configuration.workspace),
        "NOVA_PROCESS_NAME": process.name,
        "DATABASE_URL": configuration.database_url,
        "REDIS_URL": configuration.redis_url,
        "PYTHONUNBUFFERED": "1",
        # Without it glibc keeps a heap per thread: several megabytes per process for nothing.
        "MALLOC_ARENA_MAX": "2",
    }


def read_env_file(path: Path) -> dict[str, str]:
    """Read KEY=VALUE lines; comments, blank lines, `export ` and quotes around a value are fine."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise LaunchError(f"{path} can not be read: {error.strerror}.") from error
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        if value:
            values[name.strip()] = value
    return values
