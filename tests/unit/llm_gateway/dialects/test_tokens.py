"""The estimate of tokens."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.llm_gateway.dialects.tokens import estimate_tokens


def _of(content: Any, **more: Any) -> int:
    return estimate_tokens({"messages": [{"role": "user", "content": content}], **more})


class TestEstimateTokens:
    def test_text(self) -> None:
        assert _of("12345678") == 4 + 2

    def test_a_picture_does_not_weigh_its_bytes(self) -> None:
        url = {"url": "data:image/png;base64," + "A" * 400_000}
        assert _of([{"type": "image_url", "image_url": url}]) < 2_000

    def test_tools_count(self) -> None:
        tool = {"type": "function", "function": {"name": "read", "parameters": {}}}
        assert _of("hi", tools=[tool]) > _of("hi")

    @given(st.text(), st.text())
    def test_more_text_never_is_less(self, text: str, more: str) -> None:
        assert _of(text + more) >= _of(text)

    def test_nothing(self) -> None:
        assert estimate_tokens({}) == 0
