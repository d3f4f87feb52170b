"""Lists, pulls and deletes Ollama's models, and says how it is."""

from collections.abc import AsyncGenerator
from http import HTTPStatus

import orjson

from contracts.providers import LoadedModel, OllamaModel, OllamaStatus, PullProgress
from services.kit.auth import Principal
from services.kit.errors import NotFound
from services.llm_gateway.credentials.auditing import record
from services.llm_gateway.deps import State
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.service import provider_health
from services.llm_gateway.providers.base import Endpoint
from services.llm_gateway.providers.catalogue import entries, inner, json_object
from services.llm_gateway.providers.vendor import SWITCHED_OFF
from services.llm_gateway.upstream.errors import message_of
from services.llm_gateway.upstream.session import Answer

_SLUG = "ollama"
_LONGEST_LINE = 1024 * 1024
_DELETE_SECONDS = 30.0
_PERCENT = 100.0


async def pulled(state: State) -> list[OllamaModel]:
    """What Ollama has on its disk. Raises ProviderDown."""
    answer = await _get(state, "/api/tags")
    if answer.status != HTTPStatus.OK:
        raise UpstreamError(_SLUG, answer.status, message_of(answer.content))
    return [
        OllamaModel(
            name=name,
            size_bytes=_whole(entry.get("size")),
            modified_at=_text(entry.get("modified_at")),
            parameter_size=_text(inner(entry, "details", "parameter_size")),
            quantization=_text(inner(entry, "details", "quantization_level")),
            family=_text(inner(entry, "details", "family")),
        )
        for entry in entries(answer.content)
        if isinstance(name := entry.get("name"), str)
    ]


async def pull(state: State, name: str, *, actor: Principal) -> AsyncGenerator[PullProgress, None]:
    """Fetch a model, telling how far it is. Raises UpstreamError, also in the middle.

    Leaving ends the transfer; Ollama keeps what it has for the next try.
    """
    base = _base(state)
    if not (await state.providers[_SLUG].state()).available:
        await state.providers.waker.wake()
    await _audit(state, "model.pulled", name, actor)
    body = orjson.dumps({"model": name, "stream": True})
    shown: tuple[str, float | None] | None = None
    async with state.upstream.pieces(_SLUG, Endpoint(f"{base}/api/pull", {}), body) as pieces:
        rest = b""
        async for piece in pieces:
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                raise UpstreamError(_SLUG, 0, "its progress can't be read")
            for progress in (_progress(line) for line in lines if line.strip()):
                if (progress.status, progress.percent) != shown:
                    shown = (progress.status, progress.percent)
                    yield progress
        if rest.strip():
            yield _progress(rest)
    await state.providers[_SLUG].state(fresh=True)


async def delete(state: State, name: str, *, actor: Principal) -> None:
    """Raises NotFound for a model that it does not have."""
    answer = await state.upstream.request(
        _SLUG,
        "DELETE",
        f"{_base(state)}/api/delete",
        headers={"Content-Type": "application/json"},
        body=orjson.dumps({"model": name}),
        seconds=_DELETE_SECONDS,
    )
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotFound(f"Ollama has no model {name!r}.", code="model_not_found")
    if answer.status != HTTPStatus.OK:
        raise UpstreamError(_SLUG, answer.status, message_of(answer.content))
    await _audit(state, "model.deleted", name, actor)
    await state.providers[_SLUG].state(fresh=True)


async def status(state: State) -> OllamaStatus:
    """Whether it is up, its version, and which models are in memory."""
    provider = state.providers[_SLUG]
    health = provider_health(state, provider, await provider.state())
    setup, waker = state.runtime.setups.of(_SLUG), state.providers.waker
    version, loaded = None, list[LoadedModel]()
    if health.status == "ok" or health.latency_ms is not None:
        version, loaded = await _running(state)
    return OllamaStatus(
        available=health.available,
        status=health.status if setup.enabled else "disabled",
        detail=health.detail,
        latency_ms=health.latency_ms,
        base_url=setup.base_url or None,
        version=version,
        loaded=loaded,
        waking=waker.is_waking,
        can_wake=waker.can_wake,
    )


async def _running(state: State) -> tuple[str | None, list[LoadedModel]]:
    try:
        version = json_object((await _get(state, "/api/version")).content).get("version")
        running = await _get(state, "/api/ps")
    except (ProviderDown, UpstreamError):
        return None, []
    loaded = [
        LoadedModel(
            name=name,
            size_bytes=_whole(entry.get("size")),
            vram_bytes=_whole(entry.get("size_vram")),
            expires_at=_text(entry.get("expires_at")),
        )
        for entry in entries(running.content)
        if isinstance(name := entry.get("name"), str)
    ]
    return _text(version), loaded


def _progress(line: bytes) -> PullProgress:
    """Raises UpstreamError for a line that says what failed."""
    found = json_object(line)
    if "error" in found or "status" not in found:
        raise UpstreamError(_SLUG, 0, message_of(line))
    total, completed = _whole(found.get("total")), _whole(found.get("completed"))
    percent = None
    if total:
        percent = round(_PERCENT * min(completed or 0, total) / total, 1)
    return PullProgress(
        status=str(found["status"]),
        digest=_text(found.get("digest")),
        total=total,
        completed=completed,
        percent=percent,
    )


def _base(state: State) -> str:
    base = state.runtime.setups.base_of(_SLUG)
    if base:
        return base
    if not state.runtime.setups.of(_SLUG).enabled:
        raise ProviderDown(f"Ollama: {SWITCHED_OFF}")
    raise ProviderDown("Ollama is not set up: set OLLAMA_BASE_URL, or its address on this page.")


async def _get(state: State, path: str) -> Answer:
    return await state.upstream.get(_SLUG, f"{_base(state)}{path}")


async def _audit(state: State, action: str, name: str, actor: Principal) -> None:
    async with state.runtime.database.transaction() as connection:
        await record(
            connection,
            actor=actor,
            action=action,
            subject_kind="model",
            subject_id=f"ollama/{name}",
        )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
