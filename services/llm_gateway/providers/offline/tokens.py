"""Cuts a request into words, quoted texts, punctuation and breaks, each with its place."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

_APOSTROPHE = "\u2019"


class Kind(StrEnum):
    WORD = "word"
    QUOTED = "quoted"
    PUNCT = "punct"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are offsets into the request, quotes included."""

    kind: Kind
    text: str
    start: int
    end: int
    possessive: bool = False

    @property
    def lower(self) -> str:
        return "" if self.kind is Kind.QUOTED else self.text.lower().replace(_APOSTROPHE, "'")


_TOKEN = re.compile(
    r"""
      ```[^\n`]*\n(?P<fence>.*?)```
    | (?:`(?P<tick>[^`\n]+)`)
    | (?:"(?P<double>[^"]*)")
    | (?:“(?P<curly>[^”]*)”) | (?:«\s*(?P<angle>[^»]*?)\s*») | (?:„(?P<low>[^“”]*)[“”])
    | (?:(?<![\w.])'(?P<single>[^'\n]*)'(?!\w))
    | (?:(?<![\w.])\u2018(?P<curly1>[^\u2019\n]*)\u2019(?!\w))
    | (?P<possessive>(?<=["”'`»])['\u2019]s\b)
    | (?P<marker>^[ \t]*(?:\d{1,3}[.)]|[-*•])[ \t]+ | (?<=\s)\(?\d{1,2}\)[ \t]+)
    | (?P<blank>\n[ \t\r]*\n\s*)
    | (?P<newline>\n)
    | (?P<arrow>->|=>|→|>>|>)
    | (?P<word>[^\s"“”«»„`,;!?()<>\[\]{}→…—]+)
    | (?P<punct>[^\s\w])
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_QUOTES = ("fence", "tick", "double", "curly", "angle", "low", "single", "curly1")
_CONTRACTIONS = frozenset(
    ("it's", "that's", "what's", "let's", "there's", "here's", "who's", "how's", "where's")
)
_ABBREVIATIONS = frozenset(("e.g", "i.e", "etc", "vs", "approx"))


def tokenize(text: str) -> list[Token]:
    """All tokens of the request in order; every character outside them is white space."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "punct"
        if kind in _QUOTES:
            tokens.append(Token(Kind.QUOTED, match.group(kind), match.start(), match.end()))
        elif kind == "possessive":
            tokens[-1] = replace(tokens[-1], possessive=True)
        elif kind in ("marker", "blank"):
            tokens.append(Token(Kind.BREAK, "", match.start(), match.end()))
        elif kind == "word":
            alone = match.start() == 0 or text[match.start() - 1].isspace()
            tokens.extend(_word(match.group(), match.start(), alone=alone))
        else:
            symbol = {"newline": "\n", "arrow": ">"}.get(kind, match.group())
            tokens.append(Token(Kind.PUNCT, symbol, match.start(), match.end()))
    return tokens


def _word(text: str, start: int, *, alone: bool) -> list[Token]:
    """A word without the punctuation that clings to it."""
    if alone and text in (".", "..", "./", "../"):
        return [Token(Kind.WORD, text, start, start + len(text))]
    core = text.rstrip(f".:'{_APOSTROPHE}*_") or ""
    lead = len(core) - len(core.lstrip(f"'{_APOSTROPHE}*"))
    core = core[lead:]
    if not core:
        return [Token(Kind.PUNCT, text[-1], start, start + len(text))]
    end = start + lead + len(core)
    tail = text[lead + len(core) :]
    possessive = core.lower().endswith(("'s", f"{_APOSTROPHE}s")) and (
        core.lower().replace(_APOSTROPHE, "'") not in _CONTRACTIONS
    )
    shown = core[:-2] if possessive and len(core) > 2 else core  # noqa: PLR2004 - length of "'s"
    tokens = [Token(Kind.WORD, shown, start + lead, end, possessive)]
    mark = tail.replace("'", "").replace(_APOSTROPHE, "").replace("*", "").replace("_", "")
    if mark and core.lower() not in _ABBREVIATIONS:
        tokens.append(Token(Kind.PUNCT, mark[0], end, end + len(tail)))
    return tokens
