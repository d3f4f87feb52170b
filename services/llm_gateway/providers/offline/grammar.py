"""Turns a request in plain English into a plan; docs/offline-model.md describes the language."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.llm_gateway.providers.offline.clauses import (
    Clause,
    longest_sentence,
    split,
    verb_at,
)
from services.llm_gateway.providers.offline.counting import metrics_in
from services.llm_gateway.providers.offline.free_text import recall, recall_text, remember, run
from services.llm_gateway.providers.offline.locating import without_reference
from services.llm_gateway.providers.offline.looking import look, search_for
from services.llm_gateway.providers.offline.normalising import normalised
from services.llm_gateway.providers.offline.paths import path_mentions
from services.llm_gateway.providers.offline.phrases import lowers
from services.llm_gateway.providers.offline.plan import Plan
from services.llm_gateway.providers.offline.scope import NotUnderstoodError, Scope
from services.llm_gateway.providers.offline.tokens import Kind, Token, tokenize
from services.llm_gateway.providers.offline.values import value_of
from services.llm_gateway.providers.offline.vocabulary import (
    DETERMINERS,
    FILE_NOUNS,
    FILLERS,
    FOLDER_NOUNS,
    HERE,
    HOLDERS,
    METRIC_CUES,
    PARTICIPLES,
    SOFT_SEPARATORS,
    SOURCE_PREPOSITIONS,
    STATEMENT_STARTS,
    STRONG_PREPOSITIONS,
    Verb,
)
from services.llm_gateway.providers.offline.writing import (
    append,
    copy,
    destination,
    goes_at_the_end,
    holder,
    write,
)

LONGEST_REQUEST = 20_000
"""Characters; a longer request is not searched for commands."""
LONGEST_SENTENCE = 600
"""Words and marks, each quoted text counted as one: reading takes time by the square of it."""

_WISHES = frozenset(("want", "need", "like", "should", "must", "please", "could", "would", "can"))


def understand(request: str) -> Plan:
    """The plan for a request; its `problems` are not empty if a part was not understood."""
    scope = Scope(request)
    if len(request) > LONGEST_REQUEST:
        scope.plan.problems.append(
            f"The request has {len(request):,} characters; the limit is {LONGEST_REQUEST:,}"
        )
        return scope.plan
    tokens = normalised(tokenize(request))
    if longest_sentence(tokens) > LONGEST_SENTENCE:
        scope.plan.problems.append(
            f"A sentence has more than {LONGEST_SENTENCE} words; a long text needs quotes"
        )
        return scope.plan
    for clause in split(tokens):
        scope.fresh_subject = True
        if clause.verb is not Verb.WRITE:
            scope.bare_path = None
        try:
            _interpret(clause, scope)
        except NotUnderstoodError as error:
            shown = scope.raw([*clause.lead, *clause.body]) or clause.head
            lead = "" if clause.lead or not clause.head else f"{clause.head} "
            text = shown if shown == clause.head else f"{lead}{shown}"
            scope.plan.problems.append(f"“{text.strip()}”: {error}")
    return scope.plan


def _interpret(clause: Clause, scope: Scope) -> None:
    if clause.verb is Verb.RUN:
        run(clause.body, scope)
        return
    if clause.verb is Verb.REMEMBER:
        remember(clause, scope)
        return
    located = without_reference(clause.body, scope)
    lead, body = _without_place(clause.lead), _without_place(located)
    placed = scope.placed = len(body) < len(located)
    clause = replace(clause, lead=tuple(lead), body=tuple(body), placed=placed)
    if clause.verb not in (None, Verb.WRITE):
        scope.pending_destination = None
    _mention_lead(lead, scope)
    if clause.verb is None:
        _statement(clause, scope)
    elif clause.verb is Verb.UNSUPPORTED:
        raise NotUnderstoodError("that needs a language model")
    else:
        _FRAMES[clause.verb](clause, scope)


def _without_place(tokens: Sequence[Token]) -> list[Token]:
    """Without "in the workspace", "from my project folder": all paths are relative to it."""
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        end = index + 1
        if tokens[index].lower in SOURCE_PREPOSITIONS | {"of", "at"}:
            while end < len(tokens) and tokens[end].lower in DETERMINERS | {"current", "whole"}:
                end += 1
            place = end
            while end < len(tokens) and tokens[end].lower in HERE | FOLDER_NOUNS | {"working"}:
                end += 1
            named = end < len(tokens) and tokens[end].lower in {"called", "named"}
            folder_of_name = place > index + 1 and end == place + 1 and (
                tokens[place].lower in FOLDER_NOUNS and end < len(tokens)
                and tokens[end].kind is not Kind.PUNCT and bool(path_mentions(tokens[place : end + 1]))
            )  # fmt: skip
            if end > place and not named and not folder_of_name:
                index = end
                continue
        kept.append(tokens[index])
        index += 1
    return kept


def _mention_lead(tokens: Sequence[Token], scope: Scope) -> None:
    for mention in path_mentions(tokens):
        if mention.preposition in {"in", "into", "to", "inside"}:
            scope.pending_destination = mention.path
        elif not mention.preposition and len(tokens) <= mention.end + 1:
            scope.bare_path = mention.path
        scope.mention(mention.path)


def _look(clause: Clause, scope: Scope) -> None:
    """Reads, and writes what was read if the clause also says where it goes."""
    inner = _verb_inside(clause)
    if inner is not None:
        _FRAMES[inner.verb or Verb.ASK](inner, scope)
        return
    mentions = [m for m in path_mentions(clause.body) if m.preposition in STRONG_PREPOSITIONS]
    rest = clause.body[: mentions[-1].start] if mentions else ()
    if mentions and (path_mentions(rest) or len(rest) > 1 or metrics_in(rest, cue=True)[0]):
        inner_clause = Clause(clause.verb, clause.head, (), tuple(rest), clause.question)
        scope.write(mentions[-1].path, look(inner_clause, scope))
        return
    question = clause.verb is Verb.ASK and clause.head.startswith(("what", "tell", "remind"))
    if question and "my" in lowers(clause.body) and not path_mentions(clause.body):
        recall_text(clause.body, scope)
        return
    look(clause, scope)


def _verb_inside(clause: Clause) -> Clause | None:
    """As in "tell me WHAT YOU REMEMBER about X", "what did you FIND": the deed asked about."""
    for index in range(len(clause.body)):
        found = verb_at(clause.body, index)
        if found is not None and found[0] is Verb.RECALL and clause.verb is not Verb.RECALL:
            return Clause(found[0], "", (), clause.body[index + found[1] :], clause.question)
    return None


def _statement(clause: Clause, scope: Scope) -> None:
    tokens = clause.body
    words = lowers(tokens) - SOFT_SEPARATORS
    mentions = path_mentions(tokens)
    if _is_destination_statement(tokens):
        found = destination([t for t in tokens if t.lower not in PARTICIPLES], scope)
        if found is not None:
            value = [t for t in found[1] if t.lower not in _WISHES | {"be", "is", "gets", "get"}]
            scope.write(found[0], value_of(_without_wish(value), scope))
            return
    asks = clause.question and bool(mentions)
    if (asks or words & METRIC_CUES) and metrics_in(tokens, cue=asks)[0]:
        verb = Verb.ASK if words & METRIC_CUES else Verb.COUNT
        _look(Clause(verb, "how", (), tokens, clause.question), scope)
        return
    _mention_lead(tokens, scope)
    first = tokens[0].lower if tokens else ""
    only_names = words <= words_around(tokens)
    if words & _WISHES and not only_names and not words <= FILLERS:
        raise NotUnderstoodError("it is no command that the offline model knows")
    if not (
        only_names
        or first in STATEMENT_STARTS
        or words <= FILLERS
        or (not mentions and len(tokens) <= 1)
    ):
        raise NotUnderstoodError("it is no command that the offline model knows")


def words_around(tokens: Sequence[Token]) -> set[str]:
    named = {t.lower for m in path_mentions(tokens) for t in tokens[m.start : m.end]}
    return named | set(DETERMINERS | FILE_NOUNS | SOURCE_PREPOSITIONS | {"", "with", "as", "input"})


def _without_wish(tokens: list[Token]) -> list[Token]:
    while tokens and tokens[0].lower in {
        "i",
        "we",
        "i'd",
        "want",
        "need",
        "like",
        "have",
        "please",
    }:
        tokens = tokens[1:]
    return tokens


def _is_destination_statement(tokens: Sequence[Token]) -> bool:
    """As in "… written to F", "F should contain …", "the word count … into F"."""
    words = lowers(tokens)
    mentions = path_mentions(tokens)
    if not mentions:
        return False
    if tokens[mentions[0].end : mentions[0].end + 1] and tokens[mentions[0].end].text == "=":
        return True
    strong = any(m.preposition in STRONG_PREPOSITIONS for m in mentions)
    if words & PARTICIPLES and (strong or len(mentions) > 1 or mentions[0].preposition):
        return True
    if strong and (words & METRIC_CUES or words & {"it", "results", "result", "that"}):
        return True
    held = holder(tokens, mentions) if words & _WISHES else None
    if held is not None and any(token.kind is Kind.QUOTED for token in tokens[held.end :]):
        return True
    holds = words & (HOLDERS - {"with", "from", "says", "say"})
    return bool(holds and words & {"should", "must", "want", "like", "need", "shall"})


def _search(clause: Clause, scope: Scope) -> None:
    words = lowers(clause.body)
    if words & METRIC_CUES and metrics_in(clause.body, cue=False)[0]:
        _look(Clause(Verb.ASK, "how", (), clause.body, clause.question), scope)
        return
    mentions = path_mentions(clause.body)
    if mentions and mentions[-1].preposition in {"into", ">", "onto"}:
        scope.write(mentions[-1].path, search_for(clause.body[: mentions[-1].start], scope))
        return
    if clause.head.startswith("where") and words & {"i", "my", "you", "we"}:
        raise NotUnderstoodError("it can only search for a text in the files")
    search_for(clause.body, scope)


def _write(clause: Clause, scope: Scope) -> None:
    words = lowers(clause.body)
    if not path_mentions(clause.body) and (
        words & {"memory", "fact"} or (clause.body and clause.body[0].lower == "that")
    ):
        body = [t for t in clause.body if t.lower not in {"memory", "in", "to"}]
        remember(Clause(Verb.REMEMBER, clause.head, (), tuple(body)), scope)
        return
    if goes_at_the_end(clause.body):
        append(clause, scope)
        return
    write(_with_inline_deed(clause, scope), scope)


def _with_inline_deed(clause: Clause, scope: Scope) -> Clause:
    """As in "write the output of `ls` to F", "save the results of searching for X to F"."""
    body = clause.body
    for index, token in enumerate(body):
        found = verb_at(body, index) if token.lower.endswith("ing") else None
        outputs = token.lower in {"output", "outcome"} and index + 2 < len(body)
        if found is None and not (outputs and body[index + 2].kind is Kind.QUOTED):
            continue
        mentions = [m for m in path_mentions(body) if m.preposition in STRONG_PREPOSITIONS]
        end = mentions[-1].start if mentions and mentions[-1].start > index else len(body)
        verb, length = found if found is not None else (Verb.RUN, 2)
        if verb in (Verb.RUN, Verb.SEARCH, Verb.LIST):
            _interpret(Clause(verb, "", (), body[index + length : end]), scope)
            return Clause(clause.verb, clause.head, (), body[:0] + body[end:])
    return clause


_FRAMES: dict[Verb, Callable[[Clause, Scope], object]] = {
    Verb.LIST: _look,
    Verb.READ: _look,
    Verb.ASK: _look,
    Verb.COUNT: _look,
    Verb.WRITE: _write,
    Verb.APPEND: append,
    Verb.COPY: copy,
    Verb.SEARCH: _search,
    Verb.RECALL: recall,
}
