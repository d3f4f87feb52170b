"""What a call is estimated to use."""

from typing import Any

import orjson
import pytest

from services.llm_gateway.limits.admission.estimate import estimated_tokens

TEXT = {"messages": [{"role": "user", "content": "x" * 4_000}]}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}


def estimated(body: dict[str, Any], most_output: int | None = None) -> int:
    return estimated_tokens(body, size=len(orjson.dumps(body)), most_output=most_output)


class TestEstimatedTokens:
    def test_text_and_the_limit_of_its_answer(self) -> None:
        assert 1_100 <= estimated({**TEXT, "max_tokens": 100}) <= 1_150
        assert 1_100 <= estimated({**TEXT, "max_completion_tokens": 100}) <= 1_150
        assert 1_300 <= estimated({**TEXT, "max_tokens": 100, "n": 3}) <= 1_350

    def test_without_a_limit_the_models_or_what_is_usual(self) -> None:
        assert estimated(TEXT, 50) < 1_100
        assert estimated(TEXT, 1_000_000) == estimated(TEXT)
        assert 5_000 < estimated(TEXT) < 5_200

    def test_a_picture_is_not_counted_by_its_bytes(self) -> None:
        body = {
            "messages": [{"role": "user", "content": [{"type": "text", "text": "?"}, PICTURE]}],
            "max_tokens": 10,
        }
        assert 1_000 < estimated(body) < 1_100

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"messages": "x"},
            {"messages": [1, None, {"content": {"a": 1}}]},
            {"messages": [], "max_tokens": "many", "n": "x"},
            {"messages": [{"content": [{"deep": {"er": {"yet": [1]}}}]}], "n": -1},
        ],
    )
    def test_odd_bodies_are_no_error(self, body: dict[str, Any]) -> None:
        assert estimated(body) >= 0
