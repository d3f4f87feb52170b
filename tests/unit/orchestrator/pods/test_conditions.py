"""When an agent of a pod runs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Invalid
from services.orchestrator.pods.conditions import MAX_DEPTH, check_condition, holds

FLAGS = ["a", "b", "c"]


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"type": "always"}
    for _ in range(depth):
        condition = {"type": "and", "conditions": [condition]}
    return condition


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    simple = st.one_of(
        st.sampled_from([{"type": "always"}, {"type": "never"}]),
        st.sampled_from([{"type": "on_flag", "flag": flag} for flag in FLAGS]),
        st.sampled_from([{"type": "has_tag", "tag": tag} for tag in FLAGS]),
    )
    return st.recursive(
        simple,
        lambda inner: st.builds(
            lambda kind, parts: {"type": kind, "conditions": parts},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=1, max_size=4),
        ),
        max_leaves=8,
    )


class TestHolds:
    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ({"type": "always"}, True),
            ({"type": "never"}, False),
            ({"type": "on_flag", "flag": "a"}, True),
            ({"type": "on_flag", "flag": "b"}, False),
            ({"type": "has_tag", "tag": "t"}, True),
            ({"type": "has_tag", "tag": "a"}, False),
        ],
    )
    def test_each_kind(self, condition: dict[str, Any], *, expected: bool) -> None:
        assert holds(condition, flags=["a"], tags=["t"]) is expected

    @given(first=conditions(), second=conditions(), flags=st.sets(st.sampled_from(FLAGS)))
    def test_and_and_or_are_what_they_say(
        self, first: dict[str, Any], second: dict[str, Any], flags: set[str]
    ) -> None:
        one, two = holds(first, flags=flags, tags=flags), holds(second, flags=flags, tags=flags)
        both = {"type": "and", "conditions": [first, second]}
        either = {"type": "or", "conditions": [first, second]}
        assert holds(both, flags=flags, tags=flags) is (one and two)
        assert holds(either, flags=flags, tags=flags) is (one or two)

    @given(condition=conditions(), flags=st.sets(st.sampled_from(FLAGS)))
    def test_more_flags_never_switch_an_agent_off(
        self, condition: dict[str, Any], flags: set[str]
    ) -> None:
        if holds(condition, flags=flags, tags=flags):
            assert holds(condition, flags=FLAGS, tags=FLAGS)


class TestCheck:
    @given(condition=conditions())
    def test_what_can_be_decided_passes(self, condition: dict[str, Any]) -> None:
        check_condition(condition)

    @given(
        condition=st.recursive(
            st.none() | st.booleans() | st.text() | st.sampled_from(["and", "always"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["type", "flag", "conditions"]), inner)
            ),
            max_leaves=8,
        )
    )
    def test_what_passes_can_be_decided(self, condition: Any) -> None:
        try:
            check_condition(condition)
        except Invalid:
            return
        holds(condition, flags=FLAGS)

    def test_depth_is_limited(self) -> None:
        check_condition(nested(MAX_DEPTH))
        with pytest.raises(Invalid, match="nested"):
            check_condition(nested(MAX_DEPTH + 1))
