"""From a model's reply to a typed result: what is understood, what is refused, with which words."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.pipeline.replies import UnusableReply, parse_reply
from services.orchestrator.pipeline.stage import load_roles
from services.orchestrator.pipeline.stages.code_review import ROLE as CODE_REVIEW
from services.orchestrator.pipeline.stages.guardrail import ROLE as GUARDRAIL
from services.orchestrator.pipeline.stages.task import ROLE as TASK

PASSED = {"verdict": "pass", "summary": "fine {really}"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


class TestUnderstood:
    @pytest.mark.parametrize(
        "content",
        [
            json.dumps(PASSED),
            f"  \n{json.dumps(PASSED)}\n",
            f"```json\n{json.dumps(PASSED, indent=2)}\n```",
            f"```\n{json.dumps(PASSED)}\n```",
            f"Here is my verdict:\n```json\n{json.dumps(PASSED)}\n```\nAsk me if in doubt.",
            f"My verdict: {json.dumps(PASSED)} That is all.",
            f"```python\nprint(1)\n```\n```json\n{json.dumps(PASSED)}\n```",
        ],
    )
    def test_json_in_whatever_wrapping(self, content: str) -> None:
        assert (
            parse_reply(CODE_REVIEW, content).model_dump(include={"verdict", "summary"}) == PASSED
        )

    def test_fields_that_nobody_asked_for_are_dropped(self) -> None:
        result = parse_reply(CODE_REVIEW, json.dumps({**PASSED, "mood": "good"}))
        assert "mood" not in result.model_dump()

    @given(output=TEXTS, files=st.lists(TEXTS, max_size=4))
    def test_every_result_is_understood_again(self, output: str, files: list[str]) -> None:
        given_result = {"output": output, "files_changed": files}
        kept = json.loads(json.dumps(given_result).replace("\\u0000", "\\ufffd"))
        assert parse_reply(TASK, json.dumps(given_result)).model_dump() == kept

    @pytest.mark.parametrize("content", ["It is done.", "[1, 2]", "{half", "42", "}{"])
    def test_prose_is_an_answer_where_an_answer_is_asked_for(self, content: str) -> None:
        assert parse_reply(TASK, content).model_dump()["output"] == content

    def test_a_huge_reply(self) -> None:
        output = "{[" * 500_000
        assert parse_reply(TASK, json.dumps({"output": output})).model_dump()["output"] == output
        assert parse_reply(TASK, output).model_dump()["output"] == output

    def test_nul_which_no_database_takes_is_replaced(self) -> None:
        result = parse_reply(TASK, '{"output": "a\\u0000b", "files_changed": ["\\u0000"]}')
        assert result.model_dump() == {"output": "a\ufffdb", "files_changed": ["\ufffd"]}


class TestRefused:
    @pytest.mark.parametrize(
        "content",
        ["", "   ", "It passes.", '["pass"]', '"pass"', "null", '{"verdict": "pa', "```json\n```"],
    )
    def test_a_judgement_is_never_guessed_from_prose(self, content: str) -> None:
        with pytest.raises(UnusableReply, match="not a JSON object"):
            parse_reply(CODE_REVIEW, content)

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            ('{"verdict": "maybe"}', "verdict"),
            ("{}", "verdict"),
            ('{"verdict": ["pass"]}', "verdict"),
            ('{"verdict": "pass", "issues": "none"}', "issues"),
            ('{"verdict": "pass", "issues": [{"severity": "huge", "title": "t"}]}', "severity"),
            ('{"verdict": null}', "verdict"),
        ],
    )
    def test_the_reason_names_the_field(self, content: str, field: str) -> None:
        with pytest.raises(UnusableReply, match=field):
            parse_reply(CODE_REVIEW, content)

    def test_a_wrong_object_is_no_prose(self) -> None:
        with pytest.raises(UnusableReply, match="output"):
            parse_reply(TASK, '{"answer": "It is done."}')

    def test_blocked_is_a_truth_value(self) -> None:
        with pytest.raises(UnusableReply, match="blocked"):
            parse_reply(GUARDRAIL, '{"blocked": "perhaps"}')

    @pytest.mark.parametrize("depth", [100, 5_000])
    def test_deep_nesting(self, depth: int) -> None:
        nested = '{"verdict":"pass","issues":' + "[" * depth + "]" * depth + "}"
        with pytest.raises(UnusableReply):
            parse_reply(CODE_REVIEW, nested)

    @given(content=TEXTS | st.from_regex(r"[{}\[\]\",:`a-z \n]{0,80}", fullmatch=True))
    def test_whatever_is_said_it_is_a_result_or_refused(self, content: str) -> None:
        for role in load_roles().values():
            with contextlib.suppress(UnusableReply):
                assert isinstance(parse_reply(role, content), role.result)
