"""A PATCH over stored values."""

import pytest

from contracts.agents import AgentConfig, AgentConfigPatch
from services.kit.errors import Invalid
from services.orchestrator.patches import given_fields, patched

STORED = AgentConfig(name="a", tools=["read_file"], model="m").model_dump(mode="json")


class TestPatched:
    def test_what_is_not_given_stays(self) -> None:
        config = patched(AgentConfig, STORED, patch=AgentConfigPatch(model="other"))
        assert (config.name, config.tools, config.model) == ("a", ["read_file"], "other")

    def test_null_counts_as_given(self) -> None:
        assert patched(AgentConfig, STORED, patch=AgentConfigPatch(tools=None)).tools is None

    def test_null_is_refused_where_it_means_nothing(self) -> None:
        with pytest.raises(Invalid, match="name"):
            patched(AgentConfig, STORED, patch=AgentConfigPatch(name=None))

    def test_what_was_stored_before_a_field_existed_gets_its_default(self) -> None:
        config = patched(AgentConfig, {"name": "old"}, patch=AgentConfigPatch())
        assert config.model == "auto"


def test_given_fields_are_named_in_order() -> None:
    assert given_fields(AgentConfigPatch(tools=None, model="m")) == ["model", "tools"]
