"""The gateway's providers by themselves, before servers with their wire formats."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.kit.config import ConfigCache
from services.kit.db import Database
from services.llm_gateway.credentials.pool import Pool
from services.llm_gateway.credentials.setups import Setups
from services.llm_gateway.credentials.store import ProviderStore
from services.llm_gateway.providers.base import Provider
from services.llm_gateway.providers.registry import Parts, Providers, environment_setups
from services.llm_gateway.providers.translation import Translator
from services.llm_gateway.settings import Settings
from services.llm_gateway.upstream.session import Upstream
from tests.fixtures.gateway import ADMIN, SERVICE
from tests.fixtures.nova import clean_environment
from tests.fixtures.ports import free_port

MakeProviders = Callable[..., Awaitable[Providers]]
SILENCE_SECONDS = 0.5


@pytest.fixture
async def make_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MakeProviders]:
    """Builds all providers with the given settings, as app.py does."""
    for name in set(os.environ) - clean_environment(tmp_path).keys():
        monkeypatch.delenv(name)
    async with Upstream(silence_seconds=SILENCE_SECONDS) as upstream:

        async def make(*, translate_url: str = "", **given: Any) -> Providers:
            settings = Settings(
                **{
                    "database_url": "postgresql://nobody@127.0.0.1:1/none",
                    "nova_admin_secret": ADMIN,
                    "nova_service_secret": SERVICE,
                    "nova_secret_key": "00" * 32,
                    "nova_home": tmp_path,
                    "claude_config_dir": tmp_path / "claude",
                    "codex_home": tmp_path / "codex",
                    **given,
                }
            )
            database = Database("")
            config, store = ConfigCache(database), ProviderStore(database, secret_key="")
            setups = Setups(environment_setups(settings, config), store)
            translator = Translator(
                upstream,
                url=translate_url or f"http://127.0.0.1:{free_port()}",
                secret=SERVICE,
                wait_seconds=30,
            )
            parts = Parts(settings, config, upstream, translator, Pool(store, setups))
            return Providers(setups, store, parts)

        yield make


def body_of(model: str, content: Any = "hello there", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


async def completed(provider: Provider, body: dict[str, Any]) -> dict[str, Any]:
    return orjson.loads(await provider.complete(body))


async def streamed(provider: Provider, body: dict[str, Any]) -> list[dict[str, Any]]:
    asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
    return [orjson.loads(data) async for data in provider.stream(asked)]


def text_of(chunks: list[dict[str, Any]]) -> str:
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


def arguments_of(chunks: list[dict[str, Any]]) -> str:
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls") or []]
    return "".join(call["function"].get("arguments") or "" for call in calls)


def usage_of(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    return found
