"""Structured logs: one JSON object a line on stderr, with the request's id where there is one."""

import json
import logging
import sys
from contextvars import ContextVar

import orjson
import structlog

request_id_var: ContextVar[str] = ContextVar("request_id", default="")


def _add_request_id(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    request_id = request_id_var.get()
    if request_id:
        event.setdefault("request_id", request_id)
    return event


def _render(_logger: object, _name: str, event: structlog.typing.EventDict) -> str:
    try:
        return orjson.dumps(event, default=str).decode()
    except TypeError:  # integers over 64 bits, lone surrogates: odd input must not lose its record
        return json.dumps(event, default=str, skipkeys=True)


def configure_logging(*, level: str, process: str) -> None:
    """Send structlog's and the standard library's records to stderr as JSON lines."""

    def add_process(
        _logger: object, _name: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event["process"] = process
        return event

    shared: list[structlog.typing.Processor] = [
        add_process,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # One line per outgoing request is noise, and its URL may hold what a log must not.
    for noisy in ("httpx", "httpcore", "arq", "_granian"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    return structlog.stdlib.get_logger(name)
