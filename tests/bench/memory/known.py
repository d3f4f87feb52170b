"""An embedder whose vectors are known at once, as llm-gateway's /embed: python -m tests.bench.memory.known PORT."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson

from tests.bench.memory.texts import DIMENSIONS, Texts

MODEL = "bench/known"
_TEXTS = Texts()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together; apart, the second waits 40 ms for the first's receipt.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._send({"status": "alive"})

    def do_POST(self) -> None:
        body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = body.get("texts") or [body["text"]]
        vectors = [_TEXTS.vector(text) for text in texts]
        answer = {"embeddings": vectors, "model": MODEL, "dimensions": DIMENSIONS}
        self._send({**answer, "input_tokens": 0})

    def _send(self, content: object) -> None:
        body = orjson.dumps(content)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
