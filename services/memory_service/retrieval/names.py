"""Known speakers named in a query: whose memories are meant, and the query without their names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.memory_service.ingest.voices import Voice

_WORD = re.compile(r"[\w-]+")
_POSSESSIVE = re.compile(r"['\u2019]s\b", re.IGNORECASE)
_MOST_WORDS = 4
_ORDINARY_WORDS = """
    an any are art ash august bill bob can chance chase cliff dawn dean do drew earl eve faith frank
    gene grace grant guy hail happy harmony he her herb him hope hunter i in is it ivy jack jade jay
    joy june love mark max may me mercy might miles no notes of on or pat pearl penny pierce pip ray
    rich rob robin rocky rose ruby sandy see she sky so sue summer system tab the they tool trip us
    user victor wade was we who will wren you
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
"""Names that are words too: meant as a name only with a capital inside a sentence."""


@dataclass(frozen=True, slots=True)
class Named:
    """`text` is the query without the names, or the query where nothing else is in it."""

    text: str
    names: list[str]


def take_names(query: str, voices: Iterable[Voice]) -> Named:
    """Find the voices named in the query and take their names out of it."""
    known = _forms(voices)
    kept: list[str] = []
    names: list[str] = []
    words = list(_WORD.finditer(query))
    position = index = 0
    while index < len(words):
        count = min(_MOST_WORDS, len(words) - index)
        for length in range(count, 0, -1):
            start, end = words[index].start(), words[index + length - 1].end()
            voice = known.get(_form(query[start:end]))
            if voice is not None and _is_meant(query, start, end, voice):
                kept.append(query[position:start])
                possessive = _POSSESSIVE.match(query, end)
                position = end if possessive is None else possessive.end()
                names.append(voice.name)
                index += length
                break
        else:
            index += 1
        while index < len(words) and words[index].start() < position:
            index += 1
    text = " ".join("".join([*(f"{part} " for part in kept), query[position:]]).split())
    return Named(text=text if _WORD.search(text) else query, names=sorted(set(names)))


def _forms(voices: Iterable[Voice]) -> dict[str, Voice]:
    """Whole names, and first names that only one has."""
    whole: dict[str, Voice] = {}
    first: dict[str, list[Voice]] = {}
    for voice in voices:
        form = _form(voice.name)
        if form:
            whole[form] = voice
            first.setdefault(form.split()[0], []).append(voice)
    unique = {form: found[0] for form, found in first.items() if len(found) == 1}
    return {**unique, **whole}


def _form(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _is_meant(query: str, start: int, end: int, voice: Voice) -> bool:
    """Case counts where a word may be an ordinary one, or the name is only a guess."""
    written = query[start:end]
    if _form(written) not in _ORDINARY:
        return voice.given or written[:1] == voice.name[:1]
    begins_sentence = re.search(r"(?:^|[.!?])\W*$", query[:start]) is not None
    return written[:1].isupper() and not begins_sentence
