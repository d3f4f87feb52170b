"""Which path belongs to which service, and which paths nobody outside may reach."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Final

from services.dashboard.settings import Settings

_PRIVATE: Final = ("/metrics",)


@dataclass(frozen=True, slots=True)
class Route:
    """One prefix; `strip` says whether the service behind sees it."""

    prefix: str
    service: str
    base_url: str
    strip: bool = False

    def target(self, raw_path: str) -> str:
        return (raw_path.removeprefix(self.prefix) or "/") if self.strip else raw_path


class Forbidden(Exception):
    """A path that must not be passed on."""


def routes_for(settings: Settings) -> tuple[Route, ...]:
    return (
        Route("/api", "orchestrator", settings.orchestrator_url),
        Route("/v1", "llm-gateway", settings.llm_gateway_url),
        Route("/ws", "chat-api", settings.chat_api_url),
        Route("/recovery-api", "recovery", settings.recovery_url, strip=True),
        Route("/memory-api", "memory-service", settings.memory_service_url, strip=True),
    )


def match(routes: tuple[Route, ...], path: str) -> Route | None:
    """The route of a decoded path; a path that climbs or is private raises Forbidden."""
    for route in routes:
        if path != route.prefix and not path.startswith(route.prefix + "/"):
            continue
        inner = route.target(path)
        if ".." in inner.split("/") or "\\" in inner or "\0" in inner:
            raise Forbidden
        normal = posixpath.normpath("/" + inner.lstrip("/"))
        if any(normal == private or normal.startswith(private + "/") for private in _PRIVATE):
            raise Forbidden
        return route
    return None
