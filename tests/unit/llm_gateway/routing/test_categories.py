"""Sorting requests into categories, with a model that the test plays."""

import asyncio
from typing import Any

import pytest

from services.kit.auth import Principal
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.llm_gateway.errors import ProviderDown
from services.llm_gateway.routing.categories import (
    Classifier,
    last_request,
    named_category,
    text_of,
)

CALLER = Principal(kind="admin", name="admin")


class Model:
    """Says what it is told to, and remembers what it was asked."""

    def __init__(self, answer: str | Exception = "creative") -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    async def __call__(
        self, model: str, messages: list[dict[str, Any]], principal: Principal
    ) -> str:
        assert principal is CALLER
        self.asked.append((model, messages[-1]["content"]))
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer == "never":
            await asyncio.Event().wait()
        return self.answer


def classifier(model: Model) -> Classifier:
    # No configuration is read: the shipped values hold.
    return Classifier(ConfigCache(Database("postgresql://nobody@127.0.0.1:1/none")), model)


class TestCategory:
    async def test_the_model_is_asked_once_for_the_same_text(self) -> None:
        model = Model()
        found = classifier(model)
        for _ in range(3):
            assert await found.category("A poem about the sea", CALLER) == "creative"
        assert [name for name, _ in model.asked] == ["auto"]
        assert "A poem about the sea" in model.asked[0][1]
        await found.category("Another poem", CALLER)
        assert len(model.asked) == 2

    @pytest.mark.parametrize(
        "text",
        [
            "What does this do?\n```\nx = 1\n```",
            "def f(x):\n  return x",
            "Traceback (most recent call",
        ],
    )
    async def test_plain_marks_need_no_model(self, text: str) -> None:
        model = Model()
        assert await classifier(model).category(text, CALLER) == "code"
        assert model.asked == []

    @pytest.mark.parametrize("answer", ["never", ProviderDown("It is away."), "poetry", ""])
    async def test_whatever_goes_wrong_is_general_and_is_tried_again(
        self, answer: str | Exception
    ) -> None:
        model = Model(answer)
        found = classifier(model)
        assert await found.category("A poem", CALLER) == "general"
        model.answer = "creative"
        assert await found.category("A poem", CALLER) == "creative"

    async def test_nothing_to_sort(self) -> None:
        model = Model()
        for text in ("", " \n", text_of([{"type": "image_url"}]), last_request({"messages": "x"})):
            assert await classifier(model).category(text, CALLER) == "general"
        assert model.asked == []

    async def test_odd_text(self) -> None:
        model = Model("quick")
        assert await classifier(model).category("\ud800 ü" * 5_000, CALLER) == "quick"
        assert len(model.asked[0][1]) < 3_000


class TestNamedCategory:
    @pytest.mark.parametrize(
        ("answer", "category"),
        [
            ("code", "code"),
            (" Reasoning.\n", "reasoning"),
            ("Category: **quick**", "quick"),
            ("code or reasoning", None),
            ("encode", None),
            ("", None),
        ],
    )
    def test_one_word_among_others(self, answer: str, category: str | None) -> None:
        assert named_category(answer) == category


class TestLastRequest:
    def test_the_users_last_message(self) -> None:
        body = {
            "messages": [
                {"role": "user", "content": "first"},
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"text": "b"}, 5]},
                {"role": "assistant", "content": "answer"},
                None,
            ]
        }
        assert last_request(body) == "a\nb"
