"""Splits a request into clauses: one verb each, with the words that belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.llm_gateway.providers.offline.paths import path_mentions
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import (
    DETERMINERS,
    FILLERS,
    HARD_SEPARATORS,
    HOLDERS,
    LITERAL_LABELS,
    LONGEST_VERB,
    METRIC_NOUNS,
    PERMITS,
    PRONOUNS,
    SOFT_SEPARATORS,
    STRONG_PREPOSITIONS,
    VERBS,
    Verb,
)

_NOUN_AFTER = frozenset(("of", "results", "result", "count", "counts", "output", "file", "files"))
_NOUN_VERBS = frozenset(
    ("count", "list", "search", "output", "record", "note", "total", "report", "log", "copy",
     "state", "view", "check", "file", "plan", "review", "design", "test", "order", "book",
     "place", "run", "find", "save", "format", "draft", "tally", "answer", "edit", "fix", "call")
)  # fmt: skip
_NOUN_BEFORE = (
    DETERMINERS
    | METRIC_NOUNS.keys()
    | {"of", "for", "in", "no", "any", "each", "every", "file", "search", "final", "total"}
)
_VERB_STARTS = frozenset(phrase[0] for phrase in VERBS)
_MOVES_ON = frozenset(("then", "afterwards", "afterward", "next", "finally"))
# Their object is free text: it is cut only where a new deed plainly begins.
_FREE_TEXT = frozenset((Verb.REMEMBER, Verb.RUN))


@dataclass(frozen=True, slots=True)
class Clause:
    """`lead` stands before the verb, `body` after it; `verb` is None for a bare statement.

    `placed`: an "in the workspace" was taken out of it.
    """

    verb: Verb | None
    head: str
    lead: tuple[Token, ...]
    body: tuple[Token, ...]
    question: bool = False
    placed: bool = False


def verb_at(tokens: Sequence[Token], index: int) -> tuple[Verb, int] | None:
    """The verb that begins at `index` and how many tokens it takes; None for a noun."""
    if index >= len(tokens) or tokens[index].lower not in _VERB_STARTS:
        return None
    for length in range(min(LONGEST_VERB, len(tokens) - index), 0, -1):
        words = tuple(token.lower for token in tokens[index : index + length])
        verb = VERBS.get(words)
        if verb is Verb.REMEMBER and words[-1] == "that" and _points(tokens, index + length):
            continue
        if verb is not None and not (length == 1 and _is_noun(tokens, index)):
            return verb, length
    return None


def _points(tokens: Sequence[Token], index: int) -> bool:
    """As in "note that NUMBER in a.txt"."""
    return index < len(tokens) and tokens[index].lower in PRONOUNS - {"it", "all"}


def _is_noun(tokens: Sequence[Token], index: int) -> bool:
    word = tokens[index].lower
    if tokens[index].possessive or tokens[index].kind is not Kind.WORD:
        return True
    before = tokens[index - 1] if index else None
    if word == "which" and before is not None and tokens[index + 1 : index + 2]:
        return tokens[index + 1].lower in {"is", "are", "was", "has", "contains", "should", "lies"}
    after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if word in _NOUN_VERBS or word.endswith("ing"):
        if before is not None and (before.lower in _NOUN_BEFORE or before.possessive):
            return True
        return after in _NOUN_AFTER - {"files", "file", "output"} and word != "find"
    return before is not None and before.lower in {"the", "its", "a", "an", "their"}


def longest_sentence(tokens: Sequence[Token]) -> int:
    longest = length = 0
    for token in tokens:
        length = 0 if _ends_sentence(token) else length + 1
        longest = max(longest, length)
    return longest


def _ends_sentence(token: Token) -> bool:
    return token.kind is Kind.BREAK or (token.kind is Kind.PUNCT and token.text in HARD_SEPARATORS)


def split(tokens: Sequence[Token]) -> list[Clause]:
    """The request's clauses in order."""
    clauses: list[Clause] = []
    sentence: list[Token] = []
    for token in tokens:
        if _ends_sentence(token):
            clauses.extend(_split_sentence(sentence, question=token.text == "?"))
            sentence = []
        else:
            sentence.append(token)
    clauses.extend(_split_sentence(sentence, question=False))
    return clauses


def _split_sentence(tokens: list[Token], *, question: bool) -> list[Clause]:
    clauses: list[Clause] = []
    start = 0
    index = 0
    while index < len(tokens):
        if tokens[index].lower in SOFT_SEPARATORS or _points_on(tokens, index):
            head = _skip(tokens, index)
            previous = _clause(tokens[start:index], question=question)
            if tokens[index].text == ":" and _announces_text(previous):
                index += 1
                continue
            if _starts_clause(tokens, index, head, previous):
                clauses.append(previous)
                start = head
            elif previous.verb in (Verb.WRITE, Verb.COPY, Verb.APPEND) and _is_elliptic(
                tokens[start:index], tokens[head:]
            ):
                clauses.append(previous)
                rest = tokens[head : _end_of_conjunct(tokens, head)]
                clauses.append(Clause(previous.verb, "write", (), tuple(rest)))
                start = head + len(rest)
            index = max(head, start, index + 1)
        else:
            index += 1
    clauses.append(_clause(tokens[start:], question=question))
    return [clause for clause in clauses if clause.verb or clause.body]


def _points_on(tokens: Sequence[Token], index: int) -> bool:
    """As in "read notes.txt -> count its words"; "ls > a.txt" is another matter."""
    return tokens[index].text == ">" and verb_at(tokens, index + 1) is not None


def _announces_text(clause: Clause) -> bool:
    """As in "add this line to F: …", where the words after the colon are no command."""
    if clause.verb not in (Verb.WRITE, Verb.APPEND):
        return False
    mentions = path_mentions(clause.body)
    if len(mentions) != 1 or mentions[0].end != len(clause.body):
        return False
    before = {token.lower for token in clause.body[: mentions[0].start]}
    return bool(before) and before <= LITERAL_LABELS | {"more", "another", "new", "these", "lines"}


def _skip(tokens: Sequence[Token], index: int) -> int:
    """The first token from `index` on that says something."""
    while index < len(tokens) and (
        tokens[index].lower in SOFT_SEPARATORS | FILLERS or _points_on(tokens, index)
    ):
        if verb_at(tokens, index) is not None:
            break
        index += 1
    return index


def _starts_clause(tokens: Sequence[Token], separator: int, head: int, previous: Clause) -> bool:
    if head >= len(tokens):
        return False
    moved_on = any(token.lower in _MOVES_ON for token in tokens[separator:head])
    found = verb_at(tokens, head)
    if found is None:
        return moved_on and previous.verb not in _FREE_TEXT
    if previous.verb is Verb.REMEMBER:
        return moved_on or bool(path_mentions(tokens[head:]))
    return True


def _is_elliptic(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """As in "… to a.txt AND the line count to b.txt": a second object with its own place."""
    conjunct = after[: _end_of_conjunct(after, 0)]
    return (_is_placed(before) and _is_placed(conjunct)) or (
        _holds_text(before) and _holds_text(conjunct)
    )


def _is_placed(tokens: Sequence[Token]) -> bool:
    return any(m.preposition in STRONG_PREPOSITIONS for m in path_mentions(tokens))


def _holds_text(tokens: Sequence[Token]) -> bool:
    """As in 'a.txt with "1"'."""
    return any(
        tokens[mention.end].lower in HOLDERS and tokens[mention.end + 1].kind is Kind.QUOTED
        for mention in path_mentions(tokens)
        if mention.end + 1 < len(tokens)
    )


def _end_of_conjunct(tokens: Sequence[Token], start: int) -> int:
    for index in range(start, len(tokens)):
        if tokens[index].lower in SOFT_SEPARATORS and index > start:
            following = _skip(tokens, index)
            if following >= len(tokens) or verb_at(tokens, following) is not None:
                return index
            if _is_placed(tokens[start:index]) or _holds_text(tokens[start:index]):
                return index
    return len(tokens)


def _clause(tokens: Sequence[Token], *, question: bool) -> Clause:
    begin = _skip(tokens, 0)
    found = verb_at(tokens, begin) if begin < len(tokens) else None
    if found is not None:
        verb, length = found
        head = " ".join(token.lower for token in tokens[begin : begin + length])
        return _with_means(Clause(verb, head, (), tuple(tokens[begin + length :]), question))
    paths: set[int] | None = None
    for index in range(1, len(tokens)):
        found = verb_at(tokens, index)
        if found is None or _first_person(tokens, index):
            continue
        if paths is None:
            paths = {mention.end for mention in path_mentions(tokens)}
        if tokens[index - 1].lower in PERMITS or index in paths:
            verb, length = found
            head = " ".join(token.lower for token in tokens[index : index + length])
            return Clause(
                verb, head, tuple(tokens[:index]), tuple(tokens[index + length :]), question
            )
    return Clause(None, "", (), tuple(tokens), question)


def _with_means(clause: Clause) -> Clause:
    """As in "log X by appending it to F": the means says more than the purpose."""
    if clause.verb is not Verb.WRITE:
        return clause
    for index, token in enumerate(clause.body[:-1]):
        found = verb_at(clause.body, index + 1) if token.lower == "by" else None
        if found is not None and found[0] in (Verb.WRITE, Verb.APPEND):
            after = index + 1 + found[1]
            pronoun = clause.body[after : after + 1]
            after += bool(pronoun) and pronoun[0].lower in {"it", "that", "this", "them"}
            head = " ".join(t.lower for t in clause.body[index + 1 : index + 1 + found[1]])
            body = (*clause.body[:index], *clause.body[after:])
            return Clause(found[0], head, clause.lead, body, clause.question)
    return clause


def _first_person(tokens: Sequence[Token], index: int) -> bool:
    """As in "I put", "that we wrote": told, not asked."""
    return index > 0 and tokens[index - 1].lower in {"i", "we", "they", "he", "she"}
