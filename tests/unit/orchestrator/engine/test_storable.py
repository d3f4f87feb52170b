"""A model's words as PostgreSQL can hold them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Invalid
from services.orchestrator.engine.storable import storable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("a\0é", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("a\0"), inner, max_size=3),
    max_leaves=10,
)


class TestStorable:
    @given(JSON)
    def test_no_nul_is_left_and_all_else_stays(self, value: Any) -> None:
        kept = storable(value)
        assert "\0" not in repr(kept)
        assert "\\x00" not in repr(kept)
        assert storable(kept) == kept
        if "\\x00" not in repr(value):
            assert kept == value

    def test_what_is_nested_too_deeply_is_refused(self) -> None:
        value: Any = "x"
        for _ in range(70):
            value = [value]
        with pytest.raises(Invalid):
            storable(value)
