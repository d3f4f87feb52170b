"""OpenTelemetry spans of model calls, by the GenAI semantic conventions; nothing unless configured.

The conventions (gen_ai.provider.name took gen_ai.system's place with 1.37) are in development: names
stand here and nowhere else.
"""

import importlib
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kit.log import get_logger

_log = get_logger(__name__)
_SCOPE = "nova.llm_gateway"
_PROPAGATOR = TraceContextTextMapPropagator()
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_LONGEST_STATE = 512
_PORTS = {"https": 443, "http": 80}

_PROVIDERS = {
    "gemini": "gcp.gemini",
    "claude-max": "anthropic",
    "chatgpt": "openai",
    "github": "azure.ai.inference",
}
_OPERATIONS = {"chat": "chat", "embedding": "embeddings", "image": "generate_content"}
_OUTPUT_TYPES = {
    "image": "image",
    "speech": "speech",
    "transcription": "text",
    "translation": "text",
}
_REQUEST = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "n": "gen_ai.request.choice.count",
    "dimensions": "gen_ai.embeddings.dimension.count",
}

_NONE: Mapping[str, str] = MappingProxyType({})
_caller_trace: ContextVar[Mapping[str, str]] = ContextVar("caller_trace", default=_NONE)
_own_trace: ContextVar[Mapping[str, str] | None] = ContextVar("own_trace", default=None)


class TraceContextMiddleware:
    """Takes the W3C trace context that a caller sends (traceparent, tracestate)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = _given(scope["headers"]) if scope["type"] == "http" else None
        if given is None:
            await self._app(scope, receive, send)
            return
        token = _caller_trace.set(given)
        try:
            await self._app(scope, receive, send)
        finally:
            _caller_trace.reset(token)


def _given(headers: Sequence[tuple[bytes, bytes]]) -> Mapping[str, str] | None:
    found = {name: value for name, value in headers if name in {b"traceparent", b"tracestate"}}
    parent = found.get(b"traceparent", b"").decode("latin-1")
    if _TRACEPARENT.fullmatch(parent) is None:
        return None
    state = found.get(b"tracestate", b"").decode("latin-1")
    known = (
        state if len(state) <= _LONGEST_STATE and state.isascii() and state.isprintable() else ""
    )
    return {"traceparent": parent, **({"tracestate": known} if known else {})}


def trace_headers() -> Mapping[str, str]:
    """What a provider is sent: the call's own span, or the caller's where Nova makes none."""
    own = _own_trace.get()
    return _caller_trace.get() if own is None else own


@dataclass(slots=True)
class Outcome:
    """How a call ended; `error` is a code or a provider's status, None if it ended well."""

    error: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float | None = None
    model: str | None = None
    response_id: str | None = None
    finish_reasons: Sequence[str] = field(default_factory=tuple)


class CallTrace(Protocol):
    def end(self, outcome: Outcome) -> None: ...


class _NoTrace:
    def end(self, outcome: Outcome) -> None:
        pass


NO_TRACE: CallTrace = _NoTrace()


class _SpanTrace:
    """One attempt at one target."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, outcome: Outcome) -> None:
        span = self._span
        if span.is_recording():
            span.set_attributes(dict(_answered(outcome)))
            if outcome.error is not None:
                span.set_status(Status(StatusCode.ERROR))
        span.end()
        _own_trace.set(None)


def _answered(outcome: Outcome) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "gen_ai.usage.input_tokens": outcome.input_tokens,
        "gen_ai.usage.output_tokens": outcome.output_tokens,
    }
    optional: dict[str, Any] = {
        "gen_ai.usage.cache_read.input_tokens": outcome.cached_tokens or None,
        "gen_ai.usage.cache_creation.input_tokens": outcome.cache_write_tokens or None,
        "gen_ai.response.model": outcome.model,
        "gen_ai.response.id": outcome.response_id,
        "gen_ai.response.finish_reasons": list(outcome.finish_reasons) or None,
        "error.type": outcome.error,
        "nova.cost_usd": outcome.cost_usd,
    }
    return found | {name: value for name, value in optional.items() if value is not None}


class SpanProvider(Protocol):
    """The part of the SDK's tracer provider that is used here."""

    def get_tracer(self, instrumenting_module_name: str) -> Tracer: ...

    def shutdown(self) -> None: ...


class Tracing:
    """Spans by `provider`; none without one."""

    def __init__(self, provider: SpanProvider | None = None) -> None:
        self._provider = provider
        self._tracer = None if provider is None else provider.get_tracer(_SCOPE)

    @property
    def is_on(self) -> bool:
        return self._tracer is not None

    def begin(
        self, kind: str, *, provider: str, model: str, url: str | None, body: Mapping[str, Any]
    ) -> CallTrace:
        """A target is about to be asked; `url` is where."""
        if self._tracer is None:
            return NO_TRACE
        operation = _OPERATIONS.get(kind, kind)
        parent = _PROPAGATOR.extract(dict(_caller_trace.get()), context=Context())
        span = self._tracer.start_span(
            f"{operation} {model}",
            context=parent,
            kind=SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": operation,
                "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
                "gen_ai.request.model": model,
                **_asked(kind, body),
                **_server(url),
            },
        )
        context = span.get_span_context()
        parent_text = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
        state = context.trace_state.to_header()
        _own_trace.set({"traceparent": parent_text, **({"tracestate": state} if state else {})})
        return _SpanTrace(span)

    def close(self) -> None:
        """Export what is left; it may take a while."""
        if self._provider is not None:
            self._provider.shutdown()


def _asked(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for name, attribute in _REQUEST.items():
        value = body.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            asked[attribute] = value
    if asked.get("gen_ai.request.choice.count") == 1:
        del asked["gen_ai.request.choice.count"]
    stop: Any = body.get("stop")
    words = [stop] if isinstance(stop, str) else stop
    if isinstance(words, list) and all(isinstance(word, str) for word in cast("list[Any]", words)):
        asked["gen_ai.request.stop_sequences"] = words
    output = _OUTPUT_TYPES.get(kind) or ("json" if body.get("response_format") else None)
    return asked if output is None else {**asked, "gen_ai.output.type": output}


def _server(url: str | None) -> dict[str, Any]:
    if url is None:
        return {}
    parts = urlsplit(url)
    return {
        "server.address": parts.hostname or "",
        "server.port": parts.port or _PORTS.get(parts.scheme, 0),
    }


def open_tracing(endpoint: str, *, service: str) -> Tracing:
    """Export by OTLP over HTTP to `endpoint` if the SDK is there (the extra `otel`); else no spans.

    The SDK reads its own further OTEL_… variables: headers, time-outs, the sampler.
    """
    if not endpoint:
        return Tracing()
    try:
        sdk = importlib.import_module("opentelemetry.sdk.trace")
        batches = importlib.import_module("opentelemetry.sdk.trace.export")
        resources = importlib.import_module("opentelemetry.sdk.resources")
        otlp = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as error:
        _log.warning("no traces: install nova[otel]", endpoint=endpoint, reason=str(error))
        return Tracing()
    # Its own default service name counts only where OTEL_SERVICE_NAME names none.
    resource = resources.Resource({"service.name": service}).merge(
        resources.OTELResourceDetector().detect()
    )
    provider = sdk.TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(batches.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    return Tracing(provider)
