"""An agent that goes in circles is stopped; one that comes further is not."""

import pytest

from contracts.chat import ToolCall
from services.orchestrator.engine.errors import LoopDetected
from services.orchestrator.engine.loops import LoopWatch
from services.orchestrator.tools.base import ToolOutcome


def call(name: str = "look", **arguments: object) -> ToolCall:
    return ToolCall(id="1", name=name, arguments=arguments)


def outcome(text: str = "nothing") -> ToolOutcome:
    return ToolOutcome(ok=True, text=text, summary=text)


class TestLoopWatch:
    def test_the_same_call_with_the_same_result_three_times(self) -> None:
        watch = LoopWatch()
        assert watch.add(call(a=1, b=2), outcome()) is False
        assert watch.add(call(b=2, a=1), outcome()) is True
        with pytest.raises(LoopDetected, match="look 3 times"):
            watch.add(call(a=1, b=2), outcome())

    def test_polling_that_shows_something_new_goes_on(self) -> None:
        watch = LoopWatch()
        for number in range(50):
            assert watch.add(call(), outcome(f"{number} %")) is False
            watch.end_round()

    def test_rounds_that_bring_nothing_new(self) -> None:
        watch = LoopWatch()
        for name in ("a", "b", "c"):
            watch.add(call(name), outcome())
        watch.end_round()
        watch.add(call("a"), outcome())
        watch.end_round()
        watch.add(call("b"), outcome())
        watch.end_round()
        watch.add(call("c"), outcome())
        with pytest.raises(LoopDetected, match="no progress"):
            watch.end_round()

    def test_one_new_thing_in_between_is_progress(self) -> None:
        watch = LoopWatch()
        for number in range(20):
            watch.add(call(n=number // 2), outcome())
            watch.end_round()

    def test_odd_texts(self) -> None:
        watch = LoopWatch()
        assert watch.add(call(x="\ud800"[:0] + "é"), outcome("\udcff")) is False
