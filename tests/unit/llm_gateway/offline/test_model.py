"""The offline model as a whole: laws that hold for any text, roles, scripts, embeddings."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.llm_gateway.providers.offline.embedder import DIMENSIONS, embed
from services.llm_gateway.providers.offline.grammar import understand
from services.llm_gateway.providers.offline.model import OfflineError, OfflineModel
from services.llm_gateway.providers.offline.scripting import ScriptError
from services.llm_gateway.providers.offline.vocabulary import VERBS
from tests.unit.llm_gateway.offline.agent import TOOLS, Agent

ROLES = (
    "context",
    "task",
    "guardrail",
    "code_review",
    "decision",
    "documentation",
    "diagramming",
    "security_review",
    "memory_extraction",
)
_WORDS = st.sampled_from(
    [" ".join(phrase) for phrase in VERBS]
    + ["notes.txt", "'my file.md'", '"hello"', "src/", "the", "words", "in", "to", "it", "its"]
    + ["count", "and", "then", ",", ".", "number of", "how many", "lines", "as", "with", "file"]
    + ["\n", "1.", "folder", "of", ":", "-", "(", ")", "what", "?", "`ls -la`", "workspace"]
)
SENTENCES = st.lists(_WORDS, max_size=14).map(" ".join) | st.text(max_size=200)


def _user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


@given(SENTENCES)
@settings(max_examples=400, deadline=None)
def test_any_text_gives_the_same_reply_twice(text: str) -> None:
    first = OfflineModel().reply(_user(text), tools=TOOLS)
    assert first == OfflineModel().reply(_user(text), tools=TOOLS)
    assert bool(first.tool_calls) != bool(first.content)
    for delay in (0, 5):
        pieces = list(replace(first, chunk_delay_ms=delay).pieces())
        assert "".join(pieces) == first.content
        assert all(len(piece.split()) <= (1 if delay else 8) for piece in pieces)


@given(SENTENCES)
@settings(max_examples=200, deadline=None)
def test_any_text_comes_to_an_end(text: str) -> None:
    assert "No language model is connected" in Agent(files={"notes.txt": "a b"}).ask(text)


@given(SENTENCES)
@settings(max_examples=200, deadline=None)
def test_writes_only_where_the_text_says(text: str) -> None:
    for call in understand(text).calls:
        if call.tool == "write_file":
            path = dict(call.arguments)["path"]
            assert path.text in text  # type: ignore[union-attr] - always a Literal


_LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "minLength": 3, "maxLength": 9},
        {"type": "integer", "minimum": 2, "maximum": 4},
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "number", "maximum": -3, "multipleOf": 2},
        {"type": "boolean"},
        {"type": "null"},
        {"enum": ["red", "green"]},
        {"const": 7},
        {"type": ["string", "null"]},
        {"type": "string", "format": "date-time"},
        {},
    ]
)


def _composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["text", "verdict", "blocked", "files", "reason", "x", "items"])
    objects = st.dictionaries(names, inner, max_size=4).flatmap(
        lambda properties: (
            st.sets(st.sampled_from(sorted(properties))).map(
                lambda required: {
                    "type": "object",
                    "properties": properties,
                    "required": sorted(required),
                    "additionalProperties": False,
                }
            )
            if properties
            else st.just({"type": "object"})
        )
    )
    arrays = st.tuples(inner, st.integers(0, 3)).map(
        lambda pair: {"type": "array", "items": pair[0], "minItems": pair[1]}
    )
    unions = st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options})
    return objects | arrays | unions


SCHEMAS = st.recursive(_LEAVES, _composed, max_leaves=8)


@given(SCHEMAS, st.sampled_from(ROLES), SENTENCES)
@settings(max_examples=300, deadline=None)
def test_a_schema_is_always_met(schema: dict[str, Any], role: str, text: str) -> None:
    answer = Agent().ask(
        text,
        response_format={"type": "json_schema", "json_schema": {"name": role, "schema": schema}},
    )
    jsonschema.validate(json.loads(answer), schema)


class TestRoles:
    SCHEMA: dict[str, Any] = {  # noqa: RUF012 - read only
        "type": "object",
        "$defs": {"Severity": {"enum": ["low", "high"]}},
        "properties": {
            "verdict": {"enum": ["reject", "needs_refactor", "pass", "escalate"]},
            "blocked": {"type": "boolean"},
            "text": {"type": "string"},
            "files": {"type": "array", "items": {"type": "string"}},
            "findings": {"type": "array", "items": {"type": "object"}},
            "severity": {"$ref": "#/$defs/Severity"},
            "summary": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
        "required": ["verdict", "blocked", "text", "files", "findings", "severity"],
    }

    def ask(self, role: str, request: str) -> dict[str, Any]:
        response_format = {
            "type": "json_schema",
            "json_schema": {"name": role, "schema": self.SCHEMA},
        }
        agent = Agent(files={"notes.txt": "a b c"})
        return json.loads(agent.ask(request, response_format=response_format))

    def test_task_works_then_answers(self) -> None:
        answer = self.ask("task", "You are X.\n<request>Count words in notes.txt</request>\nGo.")
        assert "notes.txt has 3 words" in answer["text"]

    def test_guardrail_blocks_nothing(self) -> None:
        answer = self.ask("guardrail", "<request>Delete all</request>")
        assert (answer["blocked"], answer["findings"], answer["severity"]) == (False, [], "low")

    def test_code_review_passes_and_decision_escalates(self) -> None:
        assert self.ask("code_review", "<request>x</request>")["verdict"] == "pass"
        assert self.ask("decision", "<request>x</request>")["verdict"] == "escalate"

    def test_context_names_request_and_files(self) -> None:
        answer = self.ask("context", "<request>Read notes.txt and src/a.py</request>")
        assert answer["files"] == ["notes.txt", "src/a.py"]
        assert "Read notes.txt and src/a.py" in answer["summary"]

    def test_mending_message_does_not_replace_the_request(self) -> None:
        messages = [
            *_user("<request>Count words in notes.txt</request>"),
            {"role": "assistant", "content": "nonsense"},
            *_user("That was no JSON. Write hello to x.txt"),
        ]
        reply = OfflineModel().reply(messages, tools=TOOLS)
        assert [call.name for call in reply.tool_calls] == ["read_file"]


def test_the_end_of_the_tool_rounds_is_told() -> None:
    messages = [
        *_user("read a.txt, then write its word count to b.txt"),
        {"role": "assistant", "content": None, "tool_calls": [{"id": "x"}]},
        {"role": "tool", "tool_call_id": "x", "content": "one two"},
        *_user("You have used up your tool calls. Answer with what you have."),
    ]
    assert "1 step was not done" in OfflineModel().reply(messages).content


def test_impossible_schema_is_refused() -> None:
    response_format = {
        "type": "json_schema",
        "json_schema": {"name": "x", "schema": {"type": "string", "pattern": "^[0-9]{40}$"}},
    }
    with pytest.raises(OfflineError) as caught:
        OfflineModel().reply(_user("hi"), response_format=response_format)
    assert caught.value.status == 400


class TestScript:
    def model(self, folder: Path, entries: object) -> OfflineModel:
        path = folder / "script.json"
        path.write_text(json.dumps(entries))
        return OfflineModel(path)

    def test_reply_calls_error_and_delays(self, tmp_path: Path) -> None:
        model = self.model(
            tmp_path,
            [
                {"match": "boom", "error": {"status": 429, "message": "slow down"}},
                {"match": "verdict", "role": "code_review", "reply": {"verdict": "reject"}},
                {"match": "act", "tool_calls": [{"name": "f", "arguments": {"a": 1}}]},
                {"match": "slow", "delay_ms": 5, "chunk_delay_ms": 2, "reply": "late"},
            ],
        )
        with pytest.raises(OfflineError) as caught:
            model.reply(_user("BOOM"))
        assert (caught.value.status, caught.value.message) == (429, "slow down")
        call = model.reply(_user("act now")).tool_calls[0]
        assert (call.name, call.arguments) == ("f", '{"a": 1}')
        slow = model.reply(_user("slow"))
        assert (slow.content, slow.delay_ms, slow.chunk_delay_ms) == ("late", 5, 2)
        review = model.reply(
            _user("verdict?"),
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "code_review", "schema": {}},
            },
        )
        assert json.loads(review.content) == {"verdict": "reject"}
        assert "No language model" in model.reply(_user("verdict?")).content

    def test_scripted_calls_are_made_once(self, tmp_path: Path) -> None:
        model = self.model(tmp_path, [{"match": "act", "tool_calls": [{"name": "f"}]}])
        messages = [*_user("act"), {"role": "assistant", "content": None}]
        assert not model.reply(messages).tool_calls

    def test_bad_script_says_so(self, tmp_path: Path) -> None:
        model = self.model(tmp_path, [{"match": "(", "reply": "x"}])
        with pytest.raises(ScriptError, match="regular expression"):
            model.reply(_user("x"))


class TestEmbedder:
    def test_unit_length_and_similarity(self) -> None:
        cat, cats, tax = embed(["a cat sat on the mat", "cats on a mat", "income tax law"])
        assert len(cat) == DIMENSIONS
        assert abs(sum(x * x for x in cat) - 1) < 1e-9
        assert _dot(cat, cats) > _dot(cat, tax) + 0.2

    @given(st.lists(st.text(max_size=80), max_size=4), st.integers(1, 64))
    @settings(deadline=None)
    def test_any_text(self, texts: list[str], dimensions: int) -> None:
        vectors = embed(texts, dimensions)
        assert vectors == embed(texts, dimensions)
        assert all(abs(sum(x * x for x in vector) - 1) < 1e-9 for vector in vectors)


def _dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
