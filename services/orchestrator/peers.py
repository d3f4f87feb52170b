"""The services that the orchestrator and its workers call."""

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.http import Peer
from services.kit.http_pool import HttpPool
from services.kit.settings import ServiceSettings


def memory_service(settings: ServiceSettings, pool: HttpPool) -> MemoryServiceClient:
    return MemoryServiceClient(
        _peer(settings, pool, name="memory-service", url=settings.nova_memory_service_url)
    )


def llm_gateway(settings: ServiceSettings, pool: HttpPool) -> LlmGatewayClient:
    return LlmGatewayClient(
        _peer(settings, pool, name="llm-gateway", url=settings.nova_llm_gateway_url)
    )


def _peer(settings: ServiceSettings, pool: HttpPool, *, name: str, url: str) -> Peer:
    return Peer(
        pool,
        name=name,
        url=url,
        caller=settings.nova_process_name,
        secret=settings.nova_service_secret.get_secret_value(),
    )
