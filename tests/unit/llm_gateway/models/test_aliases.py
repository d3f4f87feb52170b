"""Other names for models."""

import time

import pytest

from services.llm_gateway.models.aliases import aliases_of, resolve_alias

ALIASES = {
    "fast": "groq/openai/gpt-oss-20b",
    "smart": "fast-one",
    "fast-one": "claude-opus-5",
    "claude-*": "auto",
    "claude-haiku-*": "fast",
    "*-latest": "gpt-5.5",
    "a": "b",
    "b": "a",
    "me": "me",
}


class TestResolveAlias:
    @pytest.mark.parametrize(
        ("model", "target"),
        [
            ("fast", "groq/openai/gpt-oss-20b"),
            ("gpt-4o", "gpt-4o"),
            ("auto", "auto"),
            # By way of another one, which a pattern then matches.
            ("smart", "auto"),
            ("claude-sonnet-5", "auto"),
            # The longer pattern wins.
            ("claude-haiku-4-5", "groq/openai/gpt-oss-20b"),
            ("x-latest", "gpt-5.5"),
            # In circles.
            ("a", "b"),
            ("me", "me"),
            ("", ""),
        ],
    )
    def test_finds(self, model: str, target: str) -> None:
        assert resolve_alias(model, ALIASES) == target

    @pytest.mark.parametrize(
        ("pattern", "model", "matches"),
        [
            ("*", "anything", True),
            ("*", "", True),
            ("a*b*c", "a-b-c", True),
            ("a*b*c", "abc", True),
            ("a*b*c", "acb", False),
            ("aa*aa", "aaa", False),
            ("gpt-*-mini", "gpt-5.4-mini", True),
            ("gpt-*-mini", "gpt-mini", False),
            ("[a-z]*", "b", False),
            ("*.", "x.", True),
        ],
    )
    def test_patterns(self, pattern: str, model: str, matches: bool) -> None:  # noqa: FBT001 - a case
        assert (resolve_alias(model, {pattern: "target"}) == "target") is matches

    def test_a_hostile_pattern_takes_no_time(self) -> None:
        started = time.process_time()
        assert resolve_alias("a" * 10_000, {"*a" * 500 + "b": "x"}) == "a" * 10_000
        assert time.process_time() - started < 1


class TestAliasesOf:
    @pytest.mark.parametrize("configured", [None, 5, "text", []])
    def test_no_object_is_no_alias(self, configured: object) -> None:
        assert aliases_of(configured) == {}

    def test_what_is_no_name_is_left_out(self) -> None:
        assert aliases_of({"a": "b", "c": 1, "": "d", "e": ""}) == {"a": "b"}
