"""Row ids are UUIDs of version 7 (RFC 9562)."""

import os
import threading
import time
from uuid import RFC_4122, UUID

import pytest

from services.kit.ids import new_id, new_text_id


def milliseconds(identity: UUID) -> int:
    return identity.int >> 80


def test_version_and_variant() -> None:
    for _ in range(1000):
        identity = new_id()
        assert identity.version == 7
        assert identity.variant == RFC_4122


def test_it_holds_the_time_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    made = milliseconds(new_id())
    assert before <= made <= time.time_ns() // 1_000_000


def test_later_ones_sort_after_earlier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[UUID] = []
    for millisecond in (0, 1, 2**31, 1_800_000_000_000, 2**48 - 1):
        monkeypatch.setattr(time, "time_ns", lambda now=millisecond: now * 1_000_000 + 999_999)
        made.append(new_id())
    assert made == sorted(made)
    assert [str(identity) for identity in made] == sorted(str(identity) for identity in made)
    assert [milliseconds(identity) for identity in made][-1] == 2**48 - 1


def test_ids_of_one_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    assert len({new_id() for _ in range(20_000)}) == 20_000


def test_every_random_bit_is_used() -> None:
    made = [new_id().int for _ in range(500)]
    ever_set, ever_clear = 0, 0
    for value in made:
        ever_set |= value
        ever_clear |= ~value
    random_bits = (0xFFF << 64) | ((1 << 62) - 1)
    assert ever_set & random_bits == random_bits
    assert ever_clear & random_bits == random_bits


def test_as_text() -> None:
    for _ in range(1000):
        made = new_text_id()
        assert str(UUID(made)) == made
        assert UUID(made).version == 7


def test_it_is_a_uuid_as_any_other() -> None:
    made = new_id()
    assert made == UUID(str(made))
    assert {made: 1}[UUID(int=made.int)] == 1
    assert repr(made) == repr(UUID(str(made)))


def test_threads_get_different_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    made: list[list[UUID]] = [[] for _ in range(8)]

    def work(found: list[UUID]) -> None:
        found.extend(new_id() for _ in range(5_000))

    threads = [threading.Thread(target=work, args=(found,)) for found in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({identity for found in made for identity in found}) == 40_000


def test_a_forked_process_makes_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join(new_id().bytes for _ in range(100)))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 1600)
    os.close(reading)
    os.close(writing)
    ours = {new_id().bytes for _ in range(100)}
    assert ours.isdisjoint(theirs[place : place + 16] for place in range(0, 1600, 16))
