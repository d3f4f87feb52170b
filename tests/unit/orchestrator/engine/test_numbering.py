"""Laws of event ids: they only rise, each names the valid one before it, none is used twice."""

import json
import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.engine.stream.numbering import (
    Numbering,
    delta_payload,
    rewind_payload,
)

TASK = UUID(int=1)
STARTS = st.integers(0, 2**62)


def numbering(start: int, size: int) -> Numbering:
    return Numbering(next_id=start + 1, end=start + size, last_id=start)


class TestTake:
    @given(start=STARTS, size=st.integers(1, 200))
    def test_a_block_gives_its_ids_in_order_and_then_no_more(self, start: int, size: int) -> None:
        block = numbering(start, size)
        events = [block.take(TASK, "{}") for _ in range(size)]
        assert [event.id for event in events] == list(range(start + 1, start + size + 1))
        assert [event.previous_id for event in events] == list(range(start, start + size))
        assert (block.left, block.highest_used, block.last_id) == (0, start + size, start + size)
        with pytest.raises(IndexError):
            block.take(TASK, "{}")

    @given(
        start=STARTS,
        moves=st.lists(st.sampled_from(["take", "void", "extend"]), max_size=60),
        pick=st.randoms(use_true_random=False),
    )
    def test_whatever_is_voided_or_extended_ids_rise_and_name_the_last_valid_one(
        self, start: int, moves: list[str], pick: random.Random
    ) -> None:
        block = numbering(start, 3)
        valid = [start]
        used = [start]
        for move in moves:
            if move == "void":
                valid = valid[: pick.randint(1, len(valid))]
                block.void_after(valid[-1])
            elif move == "extend":
                block.extend(block.highest_used + 5)
            elif block.left:
                event = block.take(TASK, None)
                assert event.id > used[-1]
                assert event.previous_id == valid[-1]
                used.append(event.id)
                valid.append(event.id)
            assert (block.last_id, block.highest_used) == (valid[-1], used[-1])


class TestPayloads:
    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_a_delta_is_json_that_gives_the_text_back(self, text: str) -> None:
        assert json.loads(delta_payload(text)) == {"delta": text}

    def test_a_rewind_names_the_last_valid_id(self) -> None:
        assert rewind_payload(7) == '{"type":"rewind","to":7}'
