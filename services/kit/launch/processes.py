"""Nova's processes on bare metal: their names, ports and kinds. The Procfile lists the same."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a process is started and how its readiness is seen."""

    WEB = "web"
    WORKER = "worker"
    STORE = "store"


@dataclass(frozen=True)
class Process:
    """One line of the Procfile. A public process listens on NOVA_BIND, all others on loopback."""

    name: str
    kind: Kind
    default_port: int | None = None
    public: bool = False
    websockets: bool = False

    @property
    def _variable(self) -> str:
        return f"NOVA_{self.name.upper().replace('-', '_')}"

    @property
    def port_variable(self) -> str:
        return f"{self._variable}_PORT"

    @property
    def url_variable(self) -> str:
        return f"{self._variable}_URL"

    @property
    def package(self) -> str:
        return f"services.{self.name.replace('-', '_')}"


PROCESSES = {
    process.name: process
    for process in (
        Process("postgres", Kind.STORE, 5432),
        Process("redis", Kind.STORE, 6379),
        Process("orchestrator", Kind.WEB, 8000, public=True),
        Process("worker", Kind.WORKER),
        Process("chat-worker", Kind.WORKER),
        Process("llm-gateway", Kind.WEB, 8001, public=True),
        Process("llm-translate", Kind.WEB, 8003),
        Process("memory-service", Kind.WEB, 8002, public=True),
        Process("memory-worker", Kind.WORKER),
        Process("chat-api", Kind.WEB, 8080, public=True, websockets=True),
        Process("recovery", Kind.WEB, 8888, public=True),
        Process("dashboard", Kind.WEB, 3000, public=True, websockets=True),
    )
}

WORKER_ARGUMENTS = {
    "worker": ["services.orchestrator.worker", "--queue", "pipeline"],
    "chat-worker": ["services.orchestrator.worker", "--queue", "interactive"],
    "memory-worker": ["services.memory_service.worker"],
}

# Takes 8 s of CPU and 200 MB to import, and most installations never need it.
STARTED_ON_FIRST_USE = "llm-translate"
