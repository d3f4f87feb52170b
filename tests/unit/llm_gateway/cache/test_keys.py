"""Which requests may be answered from the cache, and that no two different ones share a key."""

from typing import Any
from uuid import UUID

import pytest

from services.kit.auth import Principal
from services.llm_gateway.cache.keys import cache_key, tenant_of

ADMIN = Principal(kind="admin", name="admin")
BODY: dict[str, Any] = {
    "model": "auto",
    "temperature": 0,
    "messages": [{"role": "user", "content": "hello"}],
}


def key_holder(number: int, kind: Any = "key") -> Principal:
    return Principal(kind=kind, name="x", key_id=UUID(int=number))


def key(principal: Principal = ADMIN, target: str = "gpt-4o-mini", **changes: Any) -> str | None:
    return cache_key(principal, {**BODY, **changes}, target_id=target)


class TestCacheKey:
    @pytest.mark.parametrize("temperature", [None, 0.1, 1, "0", True, False, [0]])
    def test_none_unless_the_temperature_is_zero(self, temperature: Any) -> None:
        assert key(temperature=temperature) is None

    def test_zero_is_zero_however_it_is_written(self) -> None:
        assert key(temperature=0) is not None
        assert key(temperature=0.0) is not None

    def test_order_of_fields_does_not_matter_and_order_of_messages_does(self) -> None:
        assert cache_key(ADMIN, dict(reversed(BODY.items())), target_id="gpt-4o-mini") == key()
        two = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
        assert key(messages=two) != key(messages=two[::-1])

    @pytest.mark.parametrize(
        "change",
        [
            {"max_tokens": 5},
            {"seed": 1},
            {"messages": [{"role": "user", "content": "hello "}]},
            {"response_format": {"type": "json_object"}},
            {"user": "somebody"},
            {"made_up": 1},
        ],
    )
    def test_what_may_change_the_answer_changes_the_key(self, change: dict[str, Any]) -> None:
        assert key(**change) not in {key(), None}

    @pytest.mark.parametrize(
        "change",
        [
            {"stream": True, "stream_options": {"include_usage": True}},
            {"prompt_cache_key": "x"},
            {"metadata": {"run": "7"}},
            {"model": "gpt-4o-mini"},
        ],
    )
    def test_what_only_changes_the_sending_does_not(self, change: dict[str, Any]) -> None:
        assert key(**change) == key()

    def test_models_and_dialects_are_apart(self) -> None:
        assert key(target="gpt-4o") != key()
        assert cache_key(ADMIN, BODY, target_id="gpt-4o-mini", dialect="anthropic") != key()

    def test_tenants_are_apart(self) -> None:
        anonymous = Principal(kind="anonymous", name="anonymous")
        found = {key(who) for who in (ADMIN, anonymous, key_holder(1), key_holder(2))}
        assert len(found) == 4
        assert key(key_holder(1, "service")) == key(key_holder(1))

    @pytest.mark.parametrize(
        "change",
        [
            {"store": True},
            {"web_search_options": {}, "tools": [{"type": "web_search"}]},
            {"web_search_options": {"search_context_size": "low"}},
            {"tools": [{"type": "code_interpreter"}]},
            {"tools": "all"},
            {"tools": ["x"]},
            {"metadata": {"nova_cache": "off"}},
        ],
    )
    def test_none_for_what_has_effects_or_opts_out(self, change: dict[str, Any]) -> None:
        assert key(**change) is None

    def test_functions_of_the_client_are_fine(self) -> None:
        assert key(tools=[{"type": "function", "function": {"name": "f"}}]) is not None
        assert key(tools=[{"name": "f", "input_schema": {}}]) is not None

    @pytest.mark.parametrize("header", ["no-store", "No-Cache", "max-age=0, no-store"])
    def test_header_opts_out(self, header: str) -> None:
        headers = {"cache-control": header}
        assert cache_key(ADMIN, BODY, target_id="m", headers=headers) is None
        assert cache_key(ADMIN, BODY, target_id="m", headers={"cache-control": "max-age=0"})

    def test_odd_values_have_keys_too(self) -> None:
        for odd in ("\u2028 ё 🙂", 1e300, [[]], {"a": None}):
            assert key(made_up=odd) is not None

    def test_none_for_what_no_json_holds(self) -> None:
        for odd in (10**30, "\ud800"):
            assert key(made_up=odd) is None


def test_tenant_of_a_service_is_whom_it_works_for() -> None:
    assert tenant_of(key_holder(1, "service")) == tenant_of(key_holder(1))
    assert tenant_of(Principal(kind="service", name="worker")) == tenant_of(ADMIN)
