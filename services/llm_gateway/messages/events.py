"""Events of a message's stream as they are sent."""

import orjson

from services.kit.events import ServerSentEvent
from services.llm_gateway.providers.base import JsonDict


def encode(event: JsonDict) -> bytes:
    return ServerSentEvent(data=orjson.dumps(event).decode(), event=event["type"]).encode()
