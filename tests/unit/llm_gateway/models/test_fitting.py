"""A request that was written for one model, as another one takes it."""

import re
from typing import Any

import pytest

from services.llm_gateway.providers.base import Quirks

_OPENAI = Quirks(output_limit="max_completion_tokens", reasoning=re.compile("^o"))


class TestFitted:
    @pytest.mark.parametrize("given", ["max_tokens", "max_completion_tokens"])
    @pytest.mark.parametrize(
        ("quirks", "name"), [(Quirks(), "max_tokens"), (_OPENAI, "max_completion_tokens")]
    )
    def test_the_limit_has_the_name_that_the_server_knows(
        self, quirks: Quirks, given: str, name: str
    ) -> None:
        assert quirks.fitted({given: 5, "n": 2}, "gpt") == {name: 5, "n": 2}

    def test_of_two_limits_the_one_that_is_known_counts(self) -> None:
        both = {"max_tokens": 5, "max_completion_tokens": 7}
        assert Quirks().fitted(both, "gpt") == {"max_tokens": 5}
        assert _OPENAI.fitted(both, "gpt") == {"max_completion_tokens": 7}
        assert Quirks().fitted({**both, "max_tokens": None}, "gpt") == {"max_tokens": 7}

    def test_a_reasoning_model_gets_no_sampling(self) -> None:
        body: dict[str, Any] = {"temperature": 0, "top_p": 1, "seed": 1, "max_tokens": 5}
        assert _OPENAI.fitted(body, "o3") == {"seed": 1, "max_completion_tokens": 5}
        assert _OPENAI.fitted(body, "gpt")["temperature"] == 0

    def test_without_a_limit_none_is_made_up(self) -> None:
        assert _OPENAI.fitted({"max_tokens": None, "a": 1}, "o3") == {"a": 1}
