"""Stored rows come apart into the events that live readers were given."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.engine.stream.queries import EventRow
from services.orchestrator.engine.stream.reader import expand, is_end

TASK = UUID(int=1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


class TestExpand:
    @given(
        pieces=st.lists(TEXTS, min_size=1, max_size=30),
        gaps=st.lists(st.integers(1, 5), min_size=30, max_size=30),
        before=st.integers(0, 1000),
    )
    def test_a_text_gives_every_delta_with_its_own_id(
        self, pieces: list[str], gaps: list[int], before: int
    ) -> None:
        ids: list[int] = []
        for gap in gaps[: len(pieces)]:
            ids.append((ids[-1] if ids else before) + gap)
        row = EventRow(
            first_id=ids[0],
            last_id=ids[-1],
            previous_id=before,
            task_id=TASK,
            kind="text",
            payload={
                "text": "".join(pieces),
                "pieces": [[number, len(piece)] for number, piece in zip(ids, pieces, strict=True)],
            },
        )
        events = list(expand(row))
        assert [event.id for event in events] == ids
        assert [event.previous_id for event in events] == [before, *ids[:-1]]
        assert [json.loads(event.payload or "")["delta"] for event in events] == pieces

    def test_an_event_and_a_gap(self) -> None:
        row = EventRow(5, 5, 3, TASK, "event", {"type": "meta"})
        assert [(event.id, event.payload) for event in expand(row)] == [(5, '{"type":"meta"}')]
        assert [event.payload for event in expand(EventRow(6, 6, 5, TASK, "gap", {}))] == [None]


class TestIsEnd:
    @pytest.mark.parametrize("status", ["complete", "failed", "cancelled"])
    def test_terminal(self, status: str) -> None:
        assert is_end(json.dumps({"type": "status", "status": status}, separators=(",", ":")))

    @pytest.mark.parametrize(
        "payload",
        [
            None,
            "{}",
            '{"type":"status","status":"queued"}',
            '{"type":"status","status":"pending_human_review"}',
            '{"type":"stage","status":"failed"}',
            json.dumps({"delta": '"type":"status","status":"failed"'}),
        ],
    )
    def test_everything_else(self, payload: str | None) -> None:
        assert not is_end(payload)
