"""Who speaks in a memory: the speaker that was given, else a short name before a colon."""

import re
from dataclasses import dataclass

_LONGEST = 40
_PREFIX = re.compile(r"\s*([^\W\d_][\w.'\u2019-]*(?: [\w.'\u2019-]+){0,2}):\s+\S")


@dataclass(frozen=True, slots=True)
class Voice:
    """`given`: the client said so; else it is only believed when it is seen again."""

    name: str
    given: bool


def voice_of(content: str, speaker: str | None) -> Voice | None:
    """Whose words they are; None where no short name says so."""
    if speaker is not None:
        name = speaker.strip()
        return Voice(name, given=True) if 0 < len(name) <= _LONGEST else None
    found = _PREFIX.match(content, 0, 2 * _LONGEST)
    if found is None or len(found[1]) > _LONGEST:
        return None
    return Voice(found[1], given=False)
