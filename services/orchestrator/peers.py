"""The services that the orchestrator and its workers call."""

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.http import HttpClient, Peer
from services.kit.settings import ServiceSettings


def memory_service(settings: ServiceSettings, client: HttpClient) -> MemoryServiceClient:
    return MemoryServiceClient(
        _peer(settings, client, name="memory-service", url=settings.nova_memory_service_url)
    )


def llm_gateway(settings: ServiceSettings, client: HttpClient) -> LlmGatewayClient:
    return LlmGatewayClient(
        _peer(settings, client, name="llm-gateway", url=settings.nova_llm_gateway_url)
    )


def _peer(settings: ServiceSettings, client: HttpClient, *, name: str, url: str) -> Peer:
    return Peer(
        client,
        name=name,
        url=url,
        caller=settings.nova_process_name,
        secret=settings.nova_service_secret.get_secret_value(),
    )
