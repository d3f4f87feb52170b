"""Schemas for results: which are refused, and that applying one always ends and fetches nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Invalid
from services.orchestrator.pods.output_schemas import check_output_schema, violations

SCORE = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def exploding(levels: int) -> dict[str, Any]:
    """Each definition asks for the next one twice."""
    definitions: dict[str, Any] = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)
    }
    definitions[f"d{levels}"] = {"type": "object"}
    return {"$defs": definitions, "properties": {"a": {"$ref": "#/$defs/d0"}}}


class TestCheck:
    @pytest.mark.parametrize(
        "schema",
        [
            {},
            SCORE,
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **SCORE},
            {"$defs": {"n": {"type": "integer"}}, "properties": {"a": {"$ref": "#/$defs/n"}}},
            {"$defs": {"t": {"properties": {"t": {"$ref": "#/$defs/t"}}}}, "$ref": "#/$defs/t"},
            {"properties": {"pattern": {"type": "string", "pattern": "^a+$"}}},
            {"properties": {"a": {"const": {"$ref": "https://value.example/is-not-followed"}}}},
            {"properties": {"patternProperties": {"type": "string"}}},
            nested(10),
        ],
    )
    def test_accepted(self, schema: dict[str, Any]) -> None:
        check_output_schema(schema)

    @pytest.mark.parametrize(
        ("schema", "word"),
        [
            ({"type": "nonsense"}, "object"),
            ({"type": "array"}, "object"),
            ({"properties": {"a": {"type": "nonsense"}}}, "JSON schema"),
            ({"properties": []}, "JSON schema"),
            ({"required": "a"}, "JSON schema"),
            ({"$ref": "https://evil.example/schema"}, "inside"),
            ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "inside"),
            ({"anyOf": [{"$dynamicRef": "other.json#x"}]}, "inside"),
            ({"$ref": "#/$defs/missing"}, "nowhere"),
            ({"$ref": "#"}, "circles"),
            (exploding(20) | {"$ref": "#/$defs/d0"}, "circles"),
            ({"$id": "https://a.example/b"}, "$id"),
            ({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema"),
            ({"patternProperties": {"^(a+)+$": {}}}, "patternProperties"),
            ({"properties": {"a": {"pattern": "("}}}, "regular expression"),
            (nested(40), "nested"),
            ({"description": "x" * 70_000}, "larger"),
        ],
    )
    def test_refused_with_the_reason(self, schema: dict[str, Any], word: str) -> None:
        with pytest.raises(Invalid, match="output_schema") as caught:
            check_output_schema(schema)
        assert word in caught.value.detail


class TestViolations:
    def test_none(self) -> None:
        assert violations(SCORE, {"score": 3, "more": True}) == []

    def test_they_say_where(self) -> None:
        assert violations(SCORE, {}) == ["object: 'score' is a required property"]
        assert violations(SCORE, {"score": "x"}) == ["score: 'x' is not of type 'integer'"]

    def test_at_most_five_and_short(self) -> None:
        schema = {"additionalProperties": {"type": "integer"}}
        found = violations(schema, {str(n): "x" * 1000 for n in range(50)})
        assert len(found) == 5
        assert all(len(problem) <= 300 for problem in found)

    def test_a_pattern_that_backtracks_ends(self) -> None:
        schema = {"properties": {"a": {"pattern": "^(a+)+$"}}}
        assert len(violations(schema, {"a": "a" * 5000 + "!"})) == 1
        assert violations(schema, {"a": "aaa"}) == []

    def test_references_without_end_end(self) -> None:
        assert "checked" in violations(exploding(20), {"a": {}})[0]

    def test_a_value_deeper_than_the_stack_ends(self) -> None:
        schema = {"$defs": {"t": {"properties": {"t": {"$ref": "#/$defs/t"}}}}, "$ref": "#/$defs/t"}
        value: dict[str, Any] = {}
        for _ in range(900):
            value = {"t": value}
        assert isinstance(violations(schema, value), list)

    @given(
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8)
    )
    def test_any_value_can_be_checked(self, value: Any) -> None:
        assert isinstance(violations(SCORE, {"score": value}), list)
