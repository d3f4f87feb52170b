"""When cron expressions fire, through the changes of daylight saving time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.orchestrator.schedules.slots import BadTiming, Timing, in_utc

BERLIN = "Europe/Berlin"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(cron: str, after: str, count: int, *, timezone: str = BERLIN) -> list[str]:
    """The next slots, in UTC."""
    timing = Timing(cron, None, timezone)
    found: list[str] = []
    last: datetime | None = moment(after)
    while len(found) < count:
        assert last is not None
        last = timing.next_slot(last)
        assert last is not None
        found.append(last.strftime("%m-%d %H:%M"))
    return found


class TestNextSlot:
    def test_five_fields_in_utc(self):
        assert slots("30 6 * * 1", "2026-01-01", 2, timezone="UTC") == [
            "01-05 06:30",
            "01-12 06:30",
        ]

    def test_a_time_zone_moves_it(self):
        assert slots("30 6 * * *", "2026-01-01", 1) == ["01-01 05:30"]
        assert slots("30 6 * * *", "2026-07-01", 1) == ["07-01 04:30"]
        assert slots("30 6 * * *", "2026-07-01", 1, timezone="Asia/Kathmandu") == ["07-01 00:45"]

    @pytest.mark.parametrize(
        ("shorthand", "expected"),
        [
            ("@hourly", "03-04 06:00"),
            ("@daily", "03-05 00:00"),
            ("@midnight", "03-05 00:00"),
            ("@weekly", "03-08 00:00"),
            ("@monthly", "04-01 00:00"),
            ("@yearly", "01-01 00:00"),
            (" @Annually ", "01-01 00:00"),
        ],
    )
    def test_shorthands(self, shorthand: str, expected: str):
        assert slots(shorthand, "2026-03-04T05:06", 1, timezone="UTC") == [expected]

    def test_it_is_later_than_the_moment_itself(self):
        assert slots("* * * * *", "2026-01-01T00:00", 1) == ["01-01 00:01"]
        assert slots("* * * * *", "2026-01-01T00:00:59.999999", 1) == ["01-01 00:01"]

    def test_leap_day(self):
        found = Timing("0 0 29 2 *", None, "UTC").next_slot(moment("2026-01-01"))
        assert found == moment("2028-02-29")

    def test_one_time(self):
        at = moment("2026-05-01T12:00")
        timing = Timing(None, at, "UTC")
        assert timing.next_slot(at - timedelta(seconds=1)) == at
        assert timing.next_slot(at) is None


class TestSpringForward:
    """Berlin, 29 March 2026: 02:00 to 03:00 does not exist (01:00 UTC)."""

    def test_a_time_that_does_not_exist_is_the_change(self):
        expected = ["03-28 01:30", "03-29 01:00", "03-30 00:30"]
        assert slots("30 2 * * *", "2026-03-28", 3) == expected

    def test_several_times_that_do_not_exist_are_one_slot(self):
        assert slots("0,15,30 2,3 * * *", "2026-03-29", 3) == [
            "03-29 01:00",
            "03-29 01:15",
            "03-29 01:30",
        ]

    def test_hourly_goes_on_every_hour(self):
        assert slots("@hourly", "2026-03-28T23:30", 4) == [
            "03-29 00:00",
            "03-29 01:00",
            "03-29 02:00",
            "03-29 03:00",
        ]


class TestFallBack:
    """Berlin, 25 October 2026: 02:00 to 03:00 comes twice (00:00 and 01:00 UTC)."""

    def test_a_time_that_comes_twice_fires_the_first_time(self):
        expected = ["10-24 00:30", "10-25 00:30", "10-26 01:30"]
        assert slots("30 2 * * *", "2026-10-24", 3) == expected

    def test_nor_does_it_when_asked_within_the_repeated_hour(self):
        assert slots("30 2 * * *", "2026-10-25T01:10", 1) == ["10-26 01:30"]

    def test_hourly_fires_in_both(self):
        expected = ["10-25 00:00", "10-25 01:00", "10-25 02:00"]
        assert slots("0 * * * *", "2026-10-24T23:30", 3) == expected

    def test_every_quarter_fires_in_both(self):
        assert len(due("*/15 * * * *", "2026-10-25T00:00", "2026-10-25T01:59")) == 8


def due(
    cron: str, since: str, now: str, *, limit: int = 1000, timezone: str = BERLIN
) -> list[datetime]:
    return Timing(cron, None, timezone).due_slots(moment(since), moment(now), limit=limit)


class TestDueSlots:
    def test_the_announced_one_and_those_up_to_now(self):
        assert due("0 * * * *", "2026-01-01T01:00", "2026-01-01T03:00") == [
            moment("2026-01-01T01:00"),
            moment("2026-01-01T02:00"),
            moment("2026-01-01T03:00"),
        ]

    def test_of_many_the_latest(self):
        found = due("* * * * *", "2020-01-01", "2026-01-01T00:00:30", limit=100)
        assert len(found) == 100
        assert found[-1] == moment("2026-01-01")
        assert found[0] == moment("2025-12-31T22:21")

    def test_the_announced_one_is_one_even_if_the_zone_has_changed_its_rules(self):
        assert due("0 * * * *", "2026-01-01T01:17", "2026-01-01T01:20") == [
            moment("2026-01-01T01:17")
        ]

    def test_within_the_repeated_hour_the_first_one_is_seen(self):
        assert due("30 2 * * *", "2026-10-24T00:30", "2026-10-25T01:10") == [
            moment("2026-10-24T00:30"),
            moment("2026-10-25T00:30"),
        ]

    def test_one_time(self):
        at = moment("2026-05-01T12:00")
        assert Timing(None, at, "UTC").due_slots(at, at + timedelta(days=9), limit=100) == [at]

    @settings(max_examples=150, deadline=None)
    @given(
        cron=st.tuples(
            st.sampled_from(["*", "0", "*/7", "0,30", "59", "10-50/20"]),
            st.sampled_from(["*", "2", "*/2", "1,2,3", "0-5", "23"]),
            st.sampled_from(["*", "L", "25,29", "1-7"]),
            st.sampled_from(["*", "3,10,11"]),
            st.sampled_from(["*", "SUN", "1-5", "5L", "0#5"]),
        ).map(" ".join),
        timezone=st.sampled_from([BERLIN, "America/New_York", "Asia/Kathmandu", "UTC"]),
        start=st.sampled_from(
            ["2026-03-08T00:00", "2026-03-28T20:00", "2026-10-24T20:00", "2026-11-01T00:00"]
        ),
        minutes=st.integers(0, 600),
        hours=st.integers(1, 40),
    )
    def test_looking_back_finds_what_looking_ahead_promised(
        self, cron: str, timezone: str, start: str, minutes: int, hours: int
    ):
        timing = Timing(cron, None, timezone)
        announced = timing.next_slot(moment(start) + timedelta(minutes=minutes))
        assert announced is not None
        now = announced + timedelta(hours=hours)
        ahead: list[datetime] = []
        slot: datetime | None = announced
        while slot is not None and slot <= now:
            ahead.append(slot)
            slot = timing.next_slot(slot)
        assert timing.due_slots(announced, now, limit=10_000) == ahead


class TestCheck:
    @pytest.mark.parametrize(
        "cron",
        [
            "",
            " ",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "*/0 * * * *",
            "5-1 * * * *",
            "a b c d e",
            "@never",
            "@reboot",
            "² * * * *",
            "0 0 30 2 *",
            "* * */20 * 1L",
            "-1 * * * *",
            "1L * * * *",
            "* * * * #",
        ],
    )
    def test_what_is_no_expression_or_never_fires(self, cron: str):
        with pytest.raises(BadTiming, match="cron"):
            Timing(cron, None, "UTC").check()

    @pytest.mark.parametrize(
        "timezone",
        ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a\0b", "x" * 99],
    )
    def test_what_is_no_time_zone(self, timezone: str):
        with pytest.raises(BadTiming, match="timezone"):
            Timing("@daily", None, timezone).check()


class TestInUtc:
    def test_a_time_without_zone_is_in_the_schedules(self):
        assert in_utc(datetime(2026, 7, 1, 8), BERLIN) == moment("2026-07-01T06:00")  # noqa: DTZ001

    def test_a_zone_of_its_own_wins(self):
        given = datetime.fromisoformat("2026-07-01T08:00+05:45")
        assert in_utc(given, BERLIN) == moment("2026-07-01T02:15")

    def test_outside_the_calendar(self):
        with pytest.raises(BadTiming, match="calendar"):
            in_utc(datetime.fromisoformat("0001-01-01T00:00+10:00"), "UTC")
