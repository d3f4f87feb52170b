"""Spans as a real SDK collects them, and a real OTLP receiver gets them."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import Receive, Scope, Send

from services.llm_gateway.telemetry import (
    NO_TRACE,
    Outcome,
    TraceContextMiddleware,
    Tracing,
    open_tracing,
    trace_headers,
)

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(exporter: InMemorySpanExporter) -> Iterator[Tracing]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    found = Tracing(provider)
    yield found
    found.close()


def begin(tracing: Tracing, kind: str = "chat", provider: str = "openai", **body: Any) -> Any:
    return tracing.begin(
        kind, provider=provider, model="gpt-4o", url="https://api.openai.com/v1/x", body=body
    )


def one(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


async def passed(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """What a provider would be sent, for a request with these headers."""
    found: dict[str, str] = {}

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        found.update(await asyncio.ensure_future(seen()))

    async def seen() -> dict[str, str]:
        return dict(trace_headers())

    scope = {"type": "http", "headers": headers}
    await TraceContextMiddleware(app)(scope, None, None)  # type: ignore[arg-type]
    return found


class TestTracing:
    def test_a_call_has_the_conventions_attributes(
        self, tracing: Tracing, exporter: InMemorySpanExporter
    ) -> None:
        trace = begin(tracing, temperature=0.5, max_tokens=9, n=2, stop="END", seed=True)
        trace.end(
            Outcome(
                input_tokens=3,
                output_tokens=4,
                cached_tokens=2,
                cache_write_tokens=1,
                model="gpt-4o-2024",
                response_id="c-1",
                finish_reasons=["stop", "length"],
                cost_usd=0.25,
            )
        )
        span = one(exporter)
        assert (span.name, span.kind) == ("chat gpt-4o", SpanKind.CLIENT)
        assert dict(span.attributes or {}) == {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.request.temperature": 0.5,
            "gen_ai.request.max_tokens": 9,
            "gen_ai.request.choice.count": 2,
            "gen_ai.request.stop_sequences": ("END",),
            "server.address": "api.openai.com",
            "server.port": 443,
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.usage.output_tokens": 4,
            "gen_ai.usage.cache_read.input_tokens": 2,
            "gen_ai.usage.cache_creation.input_tokens": 1,
            "gen_ai.response.model": "gpt-4o-2024",
            "gen_ai.response.id": "c-1",
            "gen_ai.response.finish_reasons": ("stop", "length"),
            "nova.cost_usd": 0.25,
        }
        assert span.status.status_code is StatusCode.UNSET

    @pytest.mark.parametrize(
        ("kind", "provider", "operation", "name"),
        [
            ("embedding", "gemini", "embeddings", "gcp.gemini"),
            ("image", "openai", "generate_content", "openai"),
            ("rerank", "vllm", "rerank", "vllm"),
        ],
    )
    def test_other_kinds(
        self,
        tracing: Tracing,
        exporter: InMemorySpanExporter,
        kind: str,
        provider: str,
        operation: str,
        name: str,
    ) -> None:
        begin(tracing, kind, provider).end(Outcome())
        attributes = dict(one(exporter).attributes or {})
        assert attributes["gen_ai.operation.name"] == operation
        assert attributes["gen_ai.provider.name"] == name

    def test_an_error_names_its_type_and_nothing_more(
        self, tracing: Tracing, exporter: InMemorySpanExporter
    ) -> None:
        begin(tracing).end(Outcome(error="429"))
        span = one(exporter)
        assert (span.attributes or {})["error.type"] == "429"
        assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)

    def test_hostile_fields_are_left_out(
        self, tracing: Tracing, exporter: InMemorySpanExporter
    ) -> None:
        begin(tracing, temperature="hot", max_tokens=None, stop=[1], n=[], top_p={}).end(Outcome())
        asked = [name for name in one(exporter).attributes or {} if ".request." in name]
        assert asked == ["gen_ai.request.model"]

    async def test_the_callers_trace_goes_on(
        self, tracing: Tracing, exporter: InMemorySpanExporter
    ) -> None:
        async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
            trace = begin(tracing)
            sent.update(trace_headers())
            trace.end(Outcome())

        sent: dict[str, str] = {}
        headers = [(b"traceparent", PARENT.encode()), (b"tracestate", b"a=b")]
        scope = {"type": "http", "headers": headers}
        await TraceContextMiddleware(app)(scope, None, None)  # type: ignore[arg-type]
        span = one(exporter)
        assert span.parent is not None
        assert f"{span.parent.trace_id:032x}" == PARENT.split("-")[1]
        assert f"{span.parent.span_id:016x}" == PARENT.split("-")[2]
        assert sent["traceparent"].split("-")[1:3] == [
            PARENT.split("-")[1],
            f"{span.context.span_id:016x}" if span.context else "",
        ]
        assert sent["tracestate"] == "a=b"

    def test_off_it_is_nothing(self) -> None:
        assert begin(Tracing()) is NO_TRACE
        assert open_tracing("", service="x")._tracer is None


class TestTraceContextMiddleware:
    async def test_without_spans_the_callers_is_passed_on(self) -> None:
        assert await passed([(b"traceparent", PARENT.encode())]) == {"traceparent": PARENT}

    @pytest.mark.parametrize(
        "odd", [b"", b"x", PARENT.encode() + b"\r\nX: y", PARENT.upper().encode(), b"\xff" * 55]
    )
    async def test_what_is_none_is_not(self, odd: bytes) -> None:
        assert await passed([(b"traceparent", odd), (b"tracestate", b"a=b")]) == {}

    @pytest.mark.parametrize("odd", [b"a" * 600, b"a=b\nX: y", b"\xe4=b"])
    async def test_nor_an_odd_state(self, odd: bytes) -> None:
        given = [(b"traceparent", PARENT.encode()), (b"tracestate", odd)]
        assert await passed(given) == {"traceparent": PARENT}


class TestOpenTracing:
    def test_spans_are_exported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bodies: list[bytes] = []

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Receiver) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            url = f"http://127.0.0.1:{server.server_port}"
            monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
            tracing = open_tracing(url, service="nova-llm-gateway")
            begin(tracing).end(Outcome())
            tracing.close()
            server.shutdown()
            thread.join()
        found = ExportTraceServiceRequest.FromString(bodies[0]).resource_spans[0]
        names = {pair.key: pair.value.string_value for pair in found.resource.attributes}
        assert names["service.name"] == "nova-llm-gateway"
        assert found.scope_spans[0].spans[0].name == "chat gpt-4o"
