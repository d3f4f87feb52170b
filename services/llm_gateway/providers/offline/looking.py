"""Clauses that read: list, read, show, count and questions."""

import re
from collections.abc import Sequence

from services.llm_gateway.providers.offline.clauses import Clause
from services.llm_gateway.providers.offline.counting import count_of, metrics_in
from services.llm_gateway.providers.offline.paths import looks_like_path, path_mentions
from services.llm_gateway.providers.offline.phrases import folder_of, lowers, suffix_of
from services.llm_gateway.providers.offline.plan import (
    Found,
    Listing,
    Literal,
    Report,
    ReportKind,
    Value,
)
from services.llm_gateway.providers.offline.residue import require_known
from services.llm_gateway.providers.offline.scope import NotUnderstoodError, Scope
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import (
    CONTENT_NOUNS,
    DETERMINERS,
    FILE_NOUNS,
    FILLERS,
    FOLDER_NOUNS,
    HERE,
    LIST_NOUNS,
    METRIC_CUES,
    PRONOUNS,
    Verb,
)

_CONDITIONS = frozenset(("whether", "if", "why", "recursively", "recursive", "unless", "except"))
_MATCHING = frozenset(("containing", "mentioning", "matching", "mention", "contain"))
_PARTIAL = frozenset(("first", "last", "top", "line", "lines", "bottom", "beginning", "end"))


def look(clause: Clause, scope: Scope) -> Value:
    """Whatever the clause wants to know, as a value that is also reported."""
    tokens = [token for token in clause.body if not token.text.startswith("-")]
    words = lowers(tokens)
    if words & _CONDITIONS:
        raise NotUnderstoodError("it has no conditions and no judgement")
    counted = _count(clause, tokens, scope)
    if counted is not None:
        scope.last_value = counted
        scope.plan.reports.append(Report(ReportKind.COUNTED, counted, ""))
        return counted
    asks_folder = bool(tokens) and tokens[-1].lower in {"contain", "have", "hold"}
    if words & _MATCHING and clause.verb is not Verb.READ and not asks_folder:
        return search_for(tokens, scope)
    pointed = words & {"it", "that", "this", "them"}
    if clause.placed and not path_mentions(tokens) and not (pointed or _bare_words(tokens)):
        return _list(tokens, scope)
    if _wants_listing(clause, tokens):
        return _list(tokens, scope)
    return _read(clause, tokens, scope)


def _count(clause: Clause, tokens: Sequence[Token], scope: Scope) -> Value | None:
    if clause.verb is Verb.COUNT:
        return count_of(tokens, scope, default=True)
    words = lowers(tokens)
    if clause.verb in (Verb.READ, Verb.LIST) and not words & (
        METRIC_CUES - {"long", "size", "total"}
    ):
        return None
    looked = isinstance(scope.last_value, Found | Listing) and not words & _MATCHING
    if "many" in words and looked and not path_mentions(tokens):
        return count_of(tokens, scope, default=True)
    if metrics_in(tokens, cue=clause.head == "how" and "many" in words)[0]:
        return count_of(tokens, scope)
    return None


def _wants_listing(clause: Clause, tokens: Sequence[Token]) -> bool:
    words = lowers(tokens)
    if clause.verb is Verb.LIST:
        return bool(
            not words & PRONOUNS - {"all", "everything", "names", "list"} or words & LIST_NOUNS
        )
    mentions = path_mentions(tokens)
    if mentions and all(
        m.folder or m.path.endswith("/") or m.path in (".", "..") for m in mentions
    ):
        return True
    if any(looks_like_path(m.path) and not m.folder for m in mentions):
        return False
    named = words & LIST_NOUNS and clause.verb is Verb.ASK
    return bool(named or words & (FOLDER_NOUNS | HERE) - {"code", "root"})


def _list(tokens: Sequence[Token], scope: Scope) -> Value:
    path = folder_of(tokens)
    if path == "." and len(bare := _bare_words(tokens)) == 1 and not suffix_of(tokens):
        path = bare[0]
    if lowers(tokens) & _PARTIAL:
        raise NotUnderstoodError("it can only list everything in a folder")
    require_known(tokens, also=(path, suffix_of(tokens)))
    listing = scope.list(path, suffix_of(tokens))
    scope.note("the listing", listing)
    scope.show(listing, f"Entries of {'the workspace' if path == '.' else path}")
    return listing


def _bare_words(tokens: Sequence[Token]) -> list[str]:
    """What is left when all words that only make the sentence are taken away."""
    known = (
        DETERMINERS
        | FILLERS
        | FILE_NOUNS
        | FOLDER_NOUNS
        | HERE
        | LIST_NOUNS
        | PRONOUNS
        | CONTENT_NOUNS
        | {"of", "in", "inside", "are", "there", "all", "any", "from", "every", "full", ",", ":"}
        | {"and", "at", "back", "present", "available", "currently", "current", "for", "does"}
        | {"do", "have", "exist", "exists", "contain", "contains", "say", "says", "working"}
        | {"each", "into", "out", "what", "which", "with", "more", "time", "whole", "entire"}
    )
    return [
        token.text.strip()
        for token in tokens
        if token.kind is Kind.QUOTED or (token.kind is Kind.WORD and token.lower not in known)
    ]


def _read(clause: Clause, tokens: Sequence[Token], scope: Scope) -> Value:
    mentions = path_mentions(tokens)
    words = lowers(tokens)
    if mentions:
        if words & _PARTIAL - {"end"} and not words & CONTENT_NOUNS:
            raise NotUnderstoodError("it reads whole files only")
        require_known(tokens)
        for mention in mentions:
            value = scope.read(mention.path)
            scope.note(mention.path, value)
            scope.show(value, mention.path)
        return scope.last_value or Literal("")
    bare = _bare_words(tokens)
    if not bare and words & (PRONOUNS | FILE_NOUNS | CONTENT_NOUNS | {"its", "back"}):
        return _show_again(clause, words, scope)
    if not bare and not tokens and scope.last_value is not None:
        return scope.last_value
    if len(bare) == 1 and clause.verb is Verb.READ and not words & LIST_NOUNS:
        value = scope.read(bare[0])
        scope.mention(bare[0])
        scope.note(bare[0], value)
        scope.show(value, bare[0])
        return value
    raise NotUnderstoodError("it names no file, folder or earlier result")


def _show_again(clause: Clause, words: set[str], scope: Scope) -> Value:
    """As in "read it", "show me the result", "tell me that number"."""
    read_again = clause.verb is Verb.READ or words & (FILE_NOUNS | CONTENT_NOUNS)
    if scope.last_path is not None and (read_again or scope.last_value is None):
        value = scope.read(scope.last_path)
        scope.note(scope.last_path, value)
        scope.show(value, scope.last_path)
        return value
    if scope.last_value is None:
        raise NotUnderstoodError("there is no earlier result that it could mean")
    if not isinstance(scope.last_value, Listing):
        scope.show(scope.last_value, "Result")
    return scope.last_value


_BEFORE_QUERY = frozenset(
    (
        *("for", "all", "any", "every", "each", "the", "occurrences", "occurrence", "mentions"),
        *("mention", "of", "instances", "lines", "line", "files", "file", "containing", "which"),
        *("that", "contain", "contains", "with", "word", "text", "string", "phrase", "term", "is"),
        *("references", "reference", "to", "where", "a", "an", "me", "mentioning", "matching"),
        *("keyword", "pattern", "anything", "everything", "about", "it", "says", "out", "uses"),
        *("places", "usages", "uses", "are", "does", "do", "name", "named", "called", "places"),
    )
)
_PLURAL_MARK = re.compile(r"^([A-Z]{2,})s$")
_PLACES = frozenset(("in", "inside", "within", "under", "through", "across", "throughout", "from"))
_MATCHES = _MATCHING | {"contains", "mentions", "match", "matches"}
_AFTER_QUERY = frozenset(
    ("mentioned", "used", "defined", "appear", "appears", "occurs", "occur", "declared", "found")
)


def search_for(tokens: Sequence[Token], scope: Scope) -> Value:
    """Searches for the quoted text, or for the words between "for" and the place."""
    query, path = _query_and_place([t for t in tokens if not t.lower.startswith("-")])
    if not query:
        raise NotUnderstoodError("it does not say what to search for")
    place: dict[str, Value] = {"path": Literal(path)} if path else {}
    arguments: dict[str, Value] = {"pattern": Literal(query), **place}
    found = Found(scope.call("search_codebase", arguments, switches=("literal",)))
    scope.note(f"the search for {query}", found)
    scope.show(found, f"Search for {query}")
    return found


def _query_and_place(tokens: list[Token]) -> tuple[str, str]:
    quoted = [t for t in tokens if t.kind is Kind.QUOTED and not looks_like_path(t.text)]
    marker = next((i for i, token in enumerate(tokens) if token.lower == "for"), None)
    place = next(
        (i for i, t in enumerate(tokens) if t.lower in _PLACES and not (marker and i < marker)),
        None,
    )
    matching = next((i for i, t in enumerate(tokens) if t.lower in _MATCHES), None)
    if place is not None and matching is not None and place < matching:
        head, tail = tokens[matching + 1 :], tokens[place:matching]
    elif marker is not None and marker > 0 and place is None:
        head, tail = tokens[marker + 1 :], tokens[:marker]
    elif place is not None:
        head, tail = tokens[:place], tokens[place:]
    else:
        mentions = [m for m in path_mentions(tokens) if m.start > 0]
        cut = mentions[-1].start if mentions else len(tokens)
        head, tail = tokens[:cut], tokens[cut:]
    if quoted:
        return quoted[0].text, _place(tail)
    while head and head[0].lower in _BEFORE_QUERY | {","}:
        head = head[1:]
    while head and head[-1].lower in _AFTER_QUERY | _BEFORE_QUERY | {",", ":"}:
        head = head[:-1]
    query = " ".join(token.text for token in head)
    return _PLURAL_MARK.sub(r"\1", query), _place(tail)


def _place(tokens: Sequence[Token]) -> str:
    mentions = path_mentions(tokens)
    if mentions:
        return "" if mentions[-1].path == "." else mentions[-1].path
    bare = [word for word in _bare_words(tokens) if word.lower() not in _PLACES | {"for", "whole"}]
    return bare[0] if len(bare) == 1 else ""
