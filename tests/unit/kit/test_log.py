"""A log record is one JSON object a line, whatever is in it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from services.kit.log import configure_logging, get_logger, request_id_var


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    output = io.StringIO()
    monkeypatch.setattr("sys.stderr", output)
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    configure_logging(level="info", process="kit-test")
    yield output
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def records(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_our_own_and_the_standard_library_s(lines: io.StringIO) -> None:
    token = request_id_var.set("the-id")
    get_logger("a").info("ours", number=1)
    logging.getLogger("b").warning("theirs %s", 2)
    request_id_var.reset(token)
    get_logger("a").debug("too quiet")
    ours, theirs = records(lines)
    assert (ours["event"], ours["number"], ours["level"]) == ("ours", 1, "info")
    assert (theirs["event"], theirs["level"]) == ("theirs 2", "warning")
    for record in (ours, theirs):
        assert record["process"] == "kit-test"
        assert record["request_id"] == "the-id"
        assert record["timestamp"].endswith("Z")


@pytest.mark.parametrize("value", [10**400, 2**64, "\ud800", float("nan"), {1: 2}, b"x", object()])
def test_odd_values_lose_no_record(lines: io.StringIO, value: Any) -> None:
    get_logger("a").info("odd", value=value)
    assert [record["event"] for record in records(lines)] == ["odd"]


def test_an_error_s_stack_stays_on_its_line(lines: io.StringIO) -> None:
    get_logger("a").error("failed", exc_info=ZeroDivisionError("two\nlines"))
    (record,) = records(lines)
    assert record["exception"] == "ZeroDivisionError: two\nlines"


def test_a_client_s_requests_are_not_listed(lines: io.StringIO) -> None:
    logging.getLogger("httpx").info("GET http://127.0.0.1/?token=secret")
    assert records(lines) == []
