"""Values that are given to a name which says what they are: passwords, secrets, tokens, URLs' logins."""

from collections.abc import Iterator

from services.orchestrator.pipeline.scanning.likeness import (
    entropy,
    is_placeholder,
    kinds_of_characters,
)
from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
)

_NAMES = (
    r"(?:pass(?:word|wd|phrase|wort)?|pwd|secret|token|credentials?|kennwort|contraseña|"
    r"mot_de_passe|пароль|密码|api[-_]?key|(?:access|auth|private|secret|encryption|signing)[-_]?key)"
)
_HINTS = ("pass", "Pass", "PASS", "pwd", "PWD", "ecret", "ECRET", "oken", "OKEN", "redential",
          "REDENTIAL", "ey", "EY", "ennwort", "ontraseña", "mot_de_passe", "пароль", "Пароль", "密码")  # fmt: skip
_QUOTED = BoundedPattern(
    "quoted assignment",
    rf"(?i:(?<![a-z0-9]){_NAMES}[a-z0-9_]{{0,20}})[\"'`]?\s{{0,3}}(?:=>|:=|[:=])\s{{0,3}}"
    r"(?P<quote>[\"'`])(?P<secret>[^\"'`\s]{8,200})(?P=quote)",
    _HINTS,
)
_BARE = BoundedPattern(
    "environment assignment",
    rf"(?m)^[ \t]*(?:export[ \t]+|-[ \t]+)?[\"']?(?i:(?:[a-z0-9]{{1,30}}[-_]){{0,6}}{_NAMES}"
    r"(?:[-_][a-z0-9]{1,20}){0,3})[\"']?[ \t]{0,3}[=:][ \t]{0,3}(?P<secret>[^\s\"'`,;]{8,200})[ \t]*$",
    _HINTS,
)
_URL_LOGIN = BoundedPattern(
    "login in a URL",
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,100}:"
    r"(?P<secret>[^\s/@\"'<>]{6,200})@[^\s/@]",
    ("://",),
)
_FEWEST_BITS = 2.6
_FEWEST_KINDS = 2
_COMMON = frozenset({"password", "passw0rd", "postgres", "localhost", "undefined"})


def find(piece: Piece) -> Iterator[Hit]:
    for pattern, title in (
        (_QUOTED, "Secret given to a name"),
        (_BARE, "Secret given to a name"),
        (_URL_LOGIN, "Password in a URL"),
    ):
        for match in pattern.matches(piece):
            if _looks_real(match["secret"]):
                yield Hit(*match.span("secret"), title, "high", secret=True)


def _looks_real(value: str) -> bool:
    """Not code, not a path, not a word that only says where a secret would stand."""
    if is_placeholder(value) or value.lower() in _COMMON:
        return False
    is_code = any(mark in value for mark in ("(", ")", "{", "}", "[", "]", "://", "::", "->", "$"))
    if is_code or value.startswith(("/", "./", "~", "%", "@", "#", "--")):
        return False
    words = value.replace("-", ".").replace("_", ".").split(".")
    if len(words) > 1 and all(word.isalpha() or not word for word in words):
        return False  # a dotted or dashed name: settings.db.password, my-secret-name
    return kinds_of_characters(value) >= _FEWEST_KINDS and entropy(value) >= _FEWEST_BITS


SCANNER = Scanner(name="assigned_secrets", category="credential", find=find, sources=OURS)
