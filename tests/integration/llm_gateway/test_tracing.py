"""Spans of real calls, as a real OTLP receiver gets them, and the trace as the provider gets it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.fixtures.gateway import StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, PRICES

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    """Its address, and the spans that it has been sent."""
    spans: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", spans
        server.shutdown()
        thread.join()


def test_calls_have_spans_and_providers_their_trace(
    start_gateway: StartGateway, openai_server: ProviderServer, collector: tuple[str, list[Any]]
) -> None:
    url, spans = collector
    gateway = start_gateway(
        OPENAI_API_BASE=openai_server.url,
        OPENAI_API_KEY=openai.KEY,
        NOVA_MODEL_PRICES=PRICES,
        NOVA_CALL_RETRIES="0",
        OTEL_EXPORTER_OTLP_ENDPOINT=url,
        OTEL_BSP_SCHEDULE_DELAY="100",
    )
    headers = {**gateway.admin, "traceparent": PARENT}
    for model, stream in (("gpt-4o-mini", False), ("gpt-4o-mini", True), ("error-429", False)):
        body = {**HELLO, "model": model, "stream": stream}
        httpx.post(f"{gateway.url}/v1/chat/completions", json=body, headers=headers, timeout=30)
    wait_until(lambda: len(spans) >= 3, what="the spans")
    plain, streamed, failed = sorted(spans, key=lambda span: span.start_time_unix_nano)
    for span in (plain, streamed):
        found = {pair.key: pair.value for pair in span.attributes}
        assert span.name == "chat gpt-4o-mini"
        assert span.trace_id.hex() == TRACE
        assert found["gen_ai.usage.input_tokens"].int_value == 2
        assert found["gen_ai.response.model"].string_value == "gpt-4o-mini"
        reasons = found["gen_ai.response.finish_reasons"].array_value.values
        assert [reason.string_value for reason in reasons] == ["stop"]
        assert found["server.address"].string_value == "127.0.0.1"
    errors = {pair.key: pair.value for pair in failed.attributes}
    assert errors["error.type"].string_value == "429"
    sent = [request.headers["traceparent"] for request in openai_server.requests[-3:]]
    assert [text.split("-")[1:3] for text in sent] == [
        [TRACE, span.span_id.hex()] for span in (plain, streamed, failed)
    ]
