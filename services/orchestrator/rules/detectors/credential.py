"""Finds texts of the well-known forms of credentials."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

NAME = "credential"
_CHUNK = 1 << 18
_OVERLAP = 4_096
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Form:
    """`hints`: one of these stands in every credential of the form; looked for first, being fast."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _form(pattern: str, *hints: str) -> _Form:
    return _Form(hints, re.compile(pattern))


_FORMS = (
    _form(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", "AKIA", "ASIA"),
    _form(r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _form(r"\bgithub_pat_[A-Za-z0-9_]{50,255}\b", "github_pat_"),
    _form(r"\bglpat-[A-Za-z0-9_-]{20,255}", "glpat-"),
    _form(r"\bsk-[A-Za-z0-9_-]{20,255}", "sk-"),
    _form(r"\b[sr]k_live_[A-Za-z0-9]{16,255}\b", "k_live_"),
    _form(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,255}", "xox"),
    _form(r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])", "AIza"),
    _form(r"\bgsk_[A-Za-z0-9]{40,255}\b", "gsk_"),
    _form(r"\bhf_[A-Za-z0-9]{30,255}\b", "hf_"),
    _form(r"\bnpm_[A-Za-z0-9]{36}\b", "npm_"),
    _form(r"\bpypi-[A-Za-z0-9_-]{50,255}", "pypi-"),
    _form(r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----", "PRIVATE KEY-----"),
    _form(r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{20,500}", "eyJ"),
    # A password in an address; a place for one ($, <, {, [) is none.
    _form(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,100}:(?![$<{\[*%])[^\s:/@]{6,100}@", "://"),
)


def detect(arguments: Mapping[str, Any]) -> str | None:
    """The first credential among all texts of the arguments, masked, or None."""
    for text in _texts(arguments):
        if (found := detect_text(text)) is not None:
            return found
    return None


def detect_text(text: str) -> str | None:
    match = _first(text)
    return None if match is None else _masked(match[0])


def mask(text: str) -> str:
    """The text with every credential that is found in it made unreadable."""

    def masked(match: re.Match[str]) -> str:
        return _masked(match[0]) if _is_secret(match[0]) else match[0]

    for form in _FORMS:
        if any(hint in text for hint in form.hints):
            text = form.pattern.sub(masked, text)
    return text


def _is_secret(text: str) -> bool:
    """Words alone are none: a name in kebab case has no digit."""
    return text.startswith("-----") or "://" in text or any(letter.isdigit() for letter in text)


def _masked(secret: str) -> str:
    if secret.startswith("-----"):
        return secret
    return f"{secret[:_SHOWN]}… ({len(secret)} characters)"


def _first(text: str) -> re.Match[str] | None:
    forms = [form for form in _FORMS if any(hint in text for hint in form.hints)]
    # In pieces, so that a long text never holds up the whole process.
    for start in range(0, len(text), _CHUNK):
        piece = text[start : start + _CHUNK + _OVERLAP]
        for form in forms:
            for match in form.pattern.finditer(piece):
                if _is_secret(match[0]):
                    return match
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[str, object]", value).items():
            yield name
            yield from _texts(item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _texts(item)
