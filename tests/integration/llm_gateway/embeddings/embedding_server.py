"""OpenAI's /v1/embeddings and /v1/models with OpenAI's limits, and moods that a test sets."""

import asyncio
import base64
import hashlib
import struct
from dataclasses import dataclass, field
from typing import Any

from tests.fixtures.providers.server import Reply, Request

MODEL = "text-embedding-3-small"
DIMENSIONS = 12
_MOST_INPUTS = 2_048
_MOST_TOKENS = 300_000


def vector_of(item: Any, dimensions: int = DIMENSIONS) -> list[float]:
    """Eighths, which every float format holds exactly."""
    digest = hashlib.sha256(repr(item).encode()).digest()
    return [(digest[i % 32] - 128) / 8 for i in range(dimensions)]


@dataclass
class EmbeddingServer:
    """`status` is what each call is answered with; `calls` has the inputs of each that came."""

    models: list[str] = field(default_factory=lambda: [MODEL])
    status: int = 200
    fail_after: int | None = None
    delay: float = 0.0
    calls: list[list[Any]] = field(default_factory=list[list[Any]])
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def inputs(self) -> list[Any]:
        return [item for call in self.calls for item in call]

    async def handle(self, request: Request) -> Reply:
        if request.path == "/v1/models":
            data = [
                {"id": name, "object": "model", "created": 0, "owned_by": "o"}
                for name in self.models
            ]
            return Reply({"object": "list", "data": data})
        await asyncio.sleep(self.delay)
        if self.fail_after is not None and len(self.calls) >= self.fail_after:
            return _error(503)
        if self.status != 200:
            return _error(self.status)
        return self._embed(request.json)

    def _embed(self, body: dict[str, Any]) -> Reply:
        given = body["input"]
        inputs = given if isinstance(given, list) and not isinstance(given[0], int) else [given]
        tokens = sum(len(item.split()) if isinstance(item, str) else len(item) for item in inputs)
        if len(inputs) > _MOST_INPUTS or tokens > _MOST_TOKENS:
            return _error(400)
        self.calls.append(inputs)
        self.bodies.append(body)
        data = [
            {"object": "embedding", "index": place, "embedding": _form(item, body)}
            for place, item in enumerate(inputs)
        ]
        data.reverse()  # who reads them must go by their numbers
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return Reply({"object": "list", "model": body["model"], "data": data, "usage": usage})


def _form(item: Any, body: dict[str, Any]) -> Any:
    vector = vector_of(item, body.get("dimensions", DIMENSIONS))
    if body.get("encoding_format") == "base64":
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    return vector


def _error(status: int) -> Reply:
    error = {"message": f"The server says {status}.", "type": "server_error", "code": None}
    return Reply({"error": {**error, "param": None}}, status)
