"""From a request to a row."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from contracts.memory import StoreRequest
from services.kit.errors import Invalid
from services.memory_service.ingest.queries import NewMemory
from services.memory_service.memories.drafts import circumstances_of, draft, utc
from services.memory_service.scopes import SHARED_SCOPE, agent_scope, fact_id, project_scope

DAY = 24 * 3600


def drafted(**fields: Any) -> NewMemory:
    request = StoreRequest.model_validate({"content": "x", **fields})
    return draft(request, key_id=None, working_ttl_seconds=DAY)


class TestExpiry:
    @pytest.mark.parametrize(
        ("fields", "seconds"),
        [
            ({}, None),
            ({"tier": "working"}, DAY),
            ({"tier": "working", "ttl_seconds": 5}, 5),
            ({"ttl_seconds": 5}, 5),
            ({"ttl_seconds": 10**300}, 100 * 365 * DAY),
        ],
    )
    def test_follows_tier_and_request(self, fields: dict[str, Any], seconds: int | None) -> None:
        assert drafted(**fields).ttl_seconds == seconds


class TestCircumstances:
    def test_from_fields_and_from_metadata_are_alike(self) -> None:
        given = {"speaker": "Ann", "session_id": "s", "occurred_at": "2024-05-01T14:00:00+02:00"}
        by_field, by_metadata = drafted(**given), drafted(metadata=given)
        moment = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
        for memory in (by_field, by_metadata):
            assert (memory.speaker, memory.session_id, memory.occurred_at) == ("Ann", "s", moment)
            assert memory.metadata["speaker"] == "Ann"

    def test_fields_win(self) -> None:
        assert drafted(speaker="Ann", metadata={"speaker": "Bob"}).metadata == {"speaker": "Ann"}

    @pytest.mark.parametrize("value", [5, None, [], {}, "not a time", "0001-01-01T00:00:00+14:00"])
    def test_other_values_mean_nothing(self, value: object) -> None:
        found = circumstances_of({"occurred_at": value, "session_id": 5, "speaker": []})
        assert (found.speaker, found.session_id, found.occurred_at) == (None, None, None)


class TestUtc:
    def test_without_a_zone_is_utc(self) -> None:
        naive = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - that is the case
        assert utc(naive) == dt.datetime(2024, 1, 1, tzinfo=dt.UTC)

    def test_out_of_range(self) -> None:
        with pytest.raises(Invalid):
            utc(dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))))


class TestScopes:
    def test_none_is_anothers(self) -> None:
        agent = uuid4()
        scopes = {
            SHARED_SCOPE,
            agent_scope(agent),
            agent_scope(uuid4()),
            project_scope(str(agent)),
            project_scope("shared"),
        }
        assert len(scopes) == 5
        assert agent_scope(None) == SHARED_SCOPE

    def test_a_facts_parts_do_not_run_into_each_other(self) -> None:
        assert fact_id("a", "b", "c") != fact_id("ab", "", "c")
        assert fact_id("a", "b", "c") == fact_id("a", "b", "c")
