"""When a schedule fires: cron expressions in a time zone, through changes of daylight saving time.

As Debian's cron does it (cronsim): a job at fixed times whose time does not exist that day runs at
the change, and one whose time comes twice runs the first time; a job that runs every hour or oftener
follows real time. Everything goes in and out in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from services.kit.errors import Invalid

_FIELDS = 5
_SHORTHANDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# Longer than any clock was ever set back by: no slot of the repeated hour is overlooked.
_LARGEST_CHANGE = timedelta(hours=3)


class BadTiming(Invalid):
    """The schedule can't fire as it is written."""

    code = "bad_timing"


@dataclass(frozen=True, slots=True)
class Timing:
    """A cron expression in a time zone, or one time (UTC)."""

    cron: str | None
    at: datetime | None
    timezone: str

    def check(self) -> None:
        """Raises BadTiming for an expression or a zone that nobody knows, and for one without slots."""
        zone_of(self.timezone)
        if self.cron is not None:
            now = datetime.now(UTC)
            if next(_slots(self.cron, self.timezone, start=now), None) is None:
                raise BadTiming(f"cron: {self.cron!r} never fires.")

    def next_slot(self, after: datetime) -> datetime | None:
        """The first slot after that moment."""
        if self.at is not None:
            return self.at if self.at > after else None
        upcoming = _slots(self.cron or "", self.timezone, start=after)
        return next((slot for slot in upcoming if slot > after), None)

    def due_slots(self, announced: datetime, now: datetime, *, limit: int) -> list[datetime]:
        """The slot that was announced and those after it up to `now`, oldest first; of many the latest."""
        found: list[datetime] = []
        if self.cron is not None:
            start = now + _LARGEST_CHANGE
            for slot in _slots(self.cron, self.timezone, start=start, reverse=True):
                if slot <= announced or len(found) == limit:
                    break
                if slot <= now and slot not in found[-1:]:
                    found.append(slot)
        if len(found) < limit:
            found.append(announced)
        return found[::-1]


def zone_of(name: str) -> ZoneInfo:
    """Raises BadTiming for an unknown time zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadTiming(
            f"timezone: {name[:100]!r} is not a time zone such as Europe/Berlin."
        ) from error


def in_utc(moment: datetime, timezone: str) -> datetime:
    """The moment in UTC; without a zone of its own it is in `timezone`."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone_of(timezone))
    try:
        return aware.astimezone(UTC)
    except OverflowError as error:
        raise BadTiming("at: outside the calendar.") from error


def _slots(
    cron: str, timezone: str, *, start: datetime, reverse: bool = False
) -> Iterator[datetime]:
    """The slots in UTC from `start` on, or backwards; two may be equal where a clock skips an hour."""
    expression = _SHORTHANDS.get(cron.strip().lower(), cron)
    if len(expression.split()) != _FIELDS:
        raise BadTiming(
            "cron: five fields are needed (minute, hour, day of month, month, day of week), or one"
            f" of {', '.join(_SHORTHANDS)}."
        )
    try:
        slots = CronSim(expression, start.astimezone(zone_of(timezone)), reverse=reverse)
    except CronSimError as error:
        raise BadTiming(f"cron: {error} in {cron[:200]!r}.") from error
    for slot in slots:
        yield slot.astimezone(UTC)
