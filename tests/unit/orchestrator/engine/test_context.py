"""Plans and cuts: nothing passes the room there is, the oldest goes first, each cut leaves a note."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.chat import Message, ToolCall
from contracts.llm import ToolDefinition, ToolFunction
from services.orchestrator.engine.context.estimate import (
    cut_middle,
    definition_tokens,
    message_tokens,
    text_tokens,
)
from services.orchestrator.engine.context.fitting import (
    first_that_fit,
    fit_conversation,
    fit_definitions,
    fit_result,
    fit_sections,
    newest_that_fit,
)
from services.orchestrator.engine.context.plan import UNKNOWN_WINDOW, ContextFacts, Shares
from services.orchestrator.engine.errors import ContextOverflow

# What contracts accept as text: no lone surrogates, no NUL.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3_000)


def plan(window: int | None = 4_096, **shares: float) -> Any:
    facts = ContextFacts(windows={"m": window}, shares=Shares(**shares))
    return facts.plan(["m"], max_tokens=1_024)


def rounds(*results: str) -> list[Message]:
    """A conversation with one tool call a round."""
    messages = [Message(role="system", content="Be good."), Message(role="user", content="Do it")]
    for number, result in enumerate(results):
        call = ToolCall(id=f"c{number}", name="read_file", arguments={"path": f"f{number}"})
        messages += [
            Message(role="assistant", tool_calls=[call]),
            Message(role="tool", tool_call_id=call.id, name=call.name, content=result),
        ]
    return messages


def size(messages: list[Message]) -> int:
    return sum(map(message_tokens, messages))


def tool(name: str, description: str = "Does it.") -> ToolDefinition:
    parameters = {
        "type": "object",
        "description": "d" * 500,
        "properties": {"description": {"type": "string", "description": "x" * 500}},
    }
    return ToolDefinition(
        function=ToolFunction(name=name, description=description, parameters=parameters)
    )


class TestEstimate:
    @pytest.mark.parametrize(
        ("text", "least"),
        [
            ("The quick brown fox jumps over the lazy dog. " * 20, 200),
            ("敏捷的棕色狐狸跳过懒狗。" * 20, 220),
            ("def f(x): return {'a': [1, 2, 3]}\n" * 20, 280),
        ],
        ids=["prose", "chinese", "code"],
    )
    def test_is_not_below_what_tokenizers_count(self, text: str, least: int) -> None:
        assert text_tokens(text) >= least

    @given(TEXTS, st.integers(min_value=40, max_value=500))
    def test_a_cut_text_fits(self, text: str, tokens: int) -> None:
        cut = cut_middle(text, tokens)
        assert text_tokens(cut) <= tokens
        assert cut == text or "characters left out" in cut

    def test_a_picture_is_not_counted_by_its_bytes(self) -> None:
        part = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 10**6}}
        assert message_tokens(Message(role="user", content=[part])) < 2_000


class TestPlan:
    def test_shares_divide_what_the_reply_leaves(self) -> None:
        found = plan(10_000)
        assert found.room == 10_000 - 1_024
        assert found.memory == int(found.room * 0.4)
        parts = found.system + found.tools + found.memory + found.history + found.working
        assert parts <= found.room

    def test_shares_that_do_not_make_one_are_scaled(self) -> None:
        found = plan(10_000, system=1, tools=1, memory=1, history=1, working=1)
        assert found.memory == found.room // 5

    def test_the_smallest_of_the_models_counts(self) -> None:
        facts = ContextFacts(windows={"big": 100_000, "small": 2_000, "unknown": None})
        assert facts.plan(["big", "small", "unknown"], max_tokens=None).window == 2_000
        unknown = facts.plan(["unknown"], max_tokens=None)
        assert (unknown.window, unknown.room) == (None, int(UNKNOWN_WINDOW * 0.75))

    def test_an_owner_may_allow_less(self) -> None:
        facts = ContextFacts(windows={"big": 100_000})
        assert facts.plan(["big"], max_tokens=None, most=8_000).room == 6_000

    @pytest.mark.parametrize("facts", [None, {}, {"context": {"windows": 3}}])
    def test_a_journal_without_facts_gives_the_defaults(self, facts: Any) -> None:
        assert ContextFacts.of_journal(facts) == ContextFacts()


class TestFitConversation:
    def test_what_fits_stays(self) -> None:
        messages = rounds("one", "two")
        assert fit_conversation(messages, tools=0, plan=plan()) == messages

    def test_the_oldest_result_goes_first(self) -> None:
        messages = rounds("old " * 1_000, "new " * 1_000)
        fitted = fit_conversation(messages, tools=0, plan=plan())
        assert fitted[3].text() == "[The result of read_file was left out to save room.]"
        assert fitted[5].text() == messages[5].text()
        assert [message.role for message in fitted] == [message.role for message in messages]

    def test_the_newest_is_cut_if_it_must_be(self) -> None:
        found = plan()
        fitted = fit_conversation(rounds("a" * 90_000), tools=0, plan=found)
        assert size(fitted) <= found.room
        assert "characters left out" in fitted[3].text()

    def test_messages_that_are_too_long_by_themselves_are_an_error(self) -> None:
        with pytest.raises(ContextOverflow, match="larger window"):
            fit_conversation([Message(role="user", content="word " * 20_000)], tools=0, plan=plan())

    @given(st.lists(TEXTS.map(lambda text: text * 5), max_size=8))
    def test_never_passes_the_room(self, results: list[str]) -> None:
        found = plan()
        definitions = [tool("a")]
        fitted = fit_conversation(
            rounds(*results), tools=definition_tokens(definitions), plan=found
        )
        assert size(fitted) + definition_tokens(definitions) <= found.room


class TestFitParts:
    def test_tools_lose_words_before_they_go(self) -> None:
        found = plan(16_000)
        fitted, left_out = fit_definitions([tool(f"t{n}", "long " * 200) for n in range(9)], found)
        assert (len(fitted), left_out) == (9, [])
        assert definition_tokens(fitted) <= found.tools
        # A parameter that is called "description" is no description.
        assert fitted[0].function.parameters["properties"] == {"description": {"type": "string"}}

    def test_tools_that_find_no_room_are_named(self) -> None:
        fitted, left_out = fit_definitions([tool(f"t{n}") for n in range(90)], plan())
        assert definition_tokens(fitted) <= plan().tools
        assert [item.function.name for item in fitted] + left_out == [f"t{n}" for n in range(90)]

    def test_one_result_can_not_take_everything(self) -> None:
        assert text_tokens(fit_result("a" * 10**6, plan())) <= plan().largest_result

    def test_history_ends_with_the_newest_and_starts_with_a_question(self) -> None:
        talk = [Message(role=role, content="x" * 300) for role in ("user", "assistant") * 5]
        kept = newest_that_fit(talk, 350)
        assert kept == talk[-2:]
        assert newest_that_fit(talk, 0) == []

    def test_memories_keep_the_best(self) -> None:
        assert first_that_fit(["best", "worse", "w" * 999], 20) == ["best", "worse"]

    @given(st.lists(TEXTS, max_size=6), st.integers(min_value=300, max_value=2_000))
    def test_sections_together_fit(self, sections: list[str], tokens: int) -> None:
        fitted = fit_sections(sections, tokens)
        assert sum(map(text_tokens, fitted)) <= tokens
        assert len(fitted) == len(sections)

    def test_short_sections_stay_whole(self) -> None:
        fitted = fit_sections(["short", "l" * 9_000], 500)
        assert fitted[0] == "short"
        assert "characters left out" in fitted[1]
