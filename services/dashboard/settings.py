"""Where the dashboard finds its build and the services behind it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_DEFAULT_DIST = Path(__file__).resolve().parents[2] / "dashboard" / "dist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A plain dataclass: this process is kept too small for Pydantic."""

    orchestrator_url: str
    llm_gateway_url: str
    memory_service_url: str
    chat_api_url: str
    recovery_url: str
    dist: Path = _DEFAULT_DIST
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 900.0

    @classmethod
    def from_environ(cls) -> Settings:
        environ = os.environ  # noqa: TID251 - this is the settings module
        return cls(
            orchestrator_url=_peer(environ, "ORCHESTRATOR", 8000),
            llm_gateway_url=_peer(environ, "LLM_GATEWAY", 8001),
            memory_service_url=_peer(environ, "MEMORY_SERVICE", 8002),
            chat_api_url=_peer(environ, "CHAT_API", 8080),
            recovery_url=_peer(environ, "RECOVERY", 8888),
            dist=Path(environ.get("NOVA_DASHBOARD_DIST") or _DEFAULT_DIST),
        )


def _peer(environ: Mapping[str, str], name: str, default_port: int) -> str:
    port = environ.get(f"NOVA_{name}_PORT") or default_port
    url = environ.get(f"NOVA_{name}_URL") or f"http://127.0.0.1:{port}"
    if not url.startswith("http://"):
        msg = f"NOVA_{name}_URL must start with http://, got {url!r}"
        raise ValueError(msg)
    return url.rstrip("/")
