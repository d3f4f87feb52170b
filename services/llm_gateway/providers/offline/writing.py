"""Clauses that write: where the text goes and which text it is."""

from collections.abc import Sequence
from dataclasses import replace

from services.llm_gateway.providers.offline.clauses import Clause
from services.llm_gateway.providers.offline.counting import metrics_in
from services.llm_gateway.providers.offline.paths import PathMention, path_mentions
from services.llm_gateway.providers.offline.phrases import lowers, without_tail
from services.llm_gateway.providers.offline.plan import Literal
from services.llm_gateway.providers.offline.residue import require_known
from services.llm_gateway.providers.offline.scope import NotUnderstoodError, Scope
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.values import value_of
from services.llm_gateway.providers.offline.vocabulary import (
    CONTENT_NOUNS,
    DETERMINERS,
    FILE_ADJECTIVES,
    FILE_NOUNS,
    FILLERS,
    HERE,
    HOLDERS,
    LIST_NOUNS,
    METRIC_NOUNS,
    PRONOUNS,
    STRONG_PREPOSITIONS,
    WEAK_PREPOSITIONS,
)

_CREATES = frozenset(("create", "make", "touch", "creating", "making", "generate", "produce"))
_GLUE = HOLDERS | {"that", "so", "it", "which", "by", "content", "contents", ":", ",", "has", "="}
_EMPTY_BEFORE = FILLERS | DETERMINERS | FILE_NOUNS | FILE_ADJECTIVES | {"following", "for", ":"}


def write(clause: Clause, scope: Scope) -> None:
    """As in "write X to F", "create F with X", "put into F how many …"."""
    found = destination(clause.body, scope)
    if found is None:
        raise NotUnderstoodError("it does not say into which file")
    path, tokens = found
    if (
        not tokens
        and clause.head in _CREATES
        and (scope.last_value is None or _says_empty(clause.body))
    ) or _says_empty(tokens):
        scope.write(path, Literal(""))
    else:
        scope.write(path, value_of(tokens, scope))


def append(clause: Clause, scope: Scope) -> None:
    """As in "append X to F"."""
    found = destination(_without_end(list(clause.body)), scope)
    if found is None:
        raise NotUnderstoodError("it does not say to which file")
    path, tokens = found
    scope.append(path, value_of(tokens, scope))


def _without_end(tokens: list[Token]) -> list[Token]:
    """As in "at the end of F" becomes "to F"."""
    for index, token in enumerate(tokens[:-1]):
        if token.lower in {"end", "bottom"}:
            after = index + 2 if tokens[index + 1].lower == "of" else index + 1
            before = tokens[:index]
            while before and before[-1].lower in {"the", "to", "at", "on"}:
                before.pop()
            return [*before, replace(token, text="to"), *tokens[after:]]
    return tokens


def goes_at_the_end(tokens: Sequence[Token]) -> bool:
    """As in "put X at the bottom of F": an addition, although the verb only says to write."""
    words = [token.lower for token in tokens]
    return any(
        words[index - 2] in {"at", "to", "on"} and words[index - 1] in {"the", "very"}
        for index, word in enumerate(words)
        if index > 1 and word in {"end", "bottom"} and words[index + 1 : index + 2] == ["of"]
    )


def copy(clause: Clause, scope: Scope) -> None:
    """As in "copy A to B", "duplicate it as B", "copy A and B into the folder C"."""
    mentions = path_mentions(clause.body)
    if not mentions or mentions[-1].preposition not in STRONG_PREPOSITIONS:
        raise NotUnderstoodError("it does not say where the copy goes")
    target = mentions[-1]
    before = clause.body[: target.start]
    require_known(clause.body[target.end :])
    if target.folder or target.path.endswith("/"):
        _copy_into(target.path.rstrip("/"), [m.path for m in mentions[:-1]], before, scope)
    elif len(mentions) > 1 or not scope.last_path:
        scope.write(target.path, value_of(before, scope))
    else:
        scope.write(target.path, scope.read(scope.last_path))


def _copy_into(folder: str, paths: Sequence[str], before: Sequence[Token], scope: Scope) -> None:
    """Each file under its own name."""
    if not paths and scope.last_path is None:
        raise NotUnderstoodError("it does not say which file to copy")
    require_known(before)
    for path in paths or [scope.last_path or ""]:
        value = scope.read(path)
        scope.write(f"{folder}/{path.rsplit('/', 1)[-1]}", value)


def _says_empty(tokens: Sequence[Token]) -> bool:
    words = lowers(tokens)
    return bool(words & {"empty", "blank", "nothing"}) and words <= (
        _EMPTY_BEFORE
        | {"empty", "blank", "nothing", "called", "named", "it"}
        | words_of_paths(tokens)
    )


def words_of_paths(tokens: Sequence[Token]) -> set[str]:
    return {
        token.lower
        for mention in path_mentions(tokens)
        for token in tokens[mention.start : mention.end]
    }


def destination(body: Sequence[Token], scope: Scope) -> tuple[str, list[Token]] | None:
    """The file that is written, and the words that say what goes into it."""
    tokens = without_tail(body)
    mentions = path_mentions(tokens)
    mention = _strong(mentions) or holder(tokens, mentions) or _object(tokens, mentions)
    if mention is None:
        weak = _weak(mentions)
        pending, scope.pending_destination = scope.pending_destination, None
        if pending is not None and (weak is None or _is_source(tokens, weak)):
            return pending, list(body)
        if weak is None and scope.bare_path is not None and mentions:
            return scope.bare_path, tokens
        mention = weak
    if mention is None:
        return _pronoun_destination(tokens, scope)
    # A text at the end is taken as it stands: "write to a.txt hi there".
    whole = tokens if mention.end >= len(tokens) else list(body)
    return mention.path, _value_tokens(whole, mention)


def _pronoun_destination(tokens: list[Token], scope: Scope) -> tuple[str, list[Token]] | None:
    """As in "… to it", "… to the same file", "… to that file"."""
    for index in range(len(tokens) - 1, 0, -1):
        if tokens[index].lower in {"to", "into", "in", "onto"} and scope.last_path is not None:
            rest = lowers(tokens[index + 1 :])
            if rest and rest <= {"it", "that", "this", "the", "same", "file", "there"}:
                return scope.last_path, tokens[:index]
    # A bare word at the end: "write hello to greeting".
    last, before = tokens[-1:], tokens[-2].lower if len(tokens) > 1 else ""
    if (
        last
        and before in {"to", "into"}
        and last[0].kind is Kind.WORD
        and (last[0].lower not in PRONOUNS | LIST_NOUNS | DETERMINERS | HERE)
    ):
        return last[0].text, tokens[:-2]
    return None


def holder(tokens: Sequence[Token], mentions: Sequence[PathMention]) -> PathMention | None:
    for mention in mentions:
        after = [token.lower for token in tokens[mention.end : mention.end + 5]]
        if lowers(tokens[: mention.start]) & {"how", "what", "whatever"}:
            continue  # "how many words a.txt contains"
        if after[:1] and (after[0] in HOLDERS - {"from"} or after[0] in {":", "="}):
            if mention.preposition in {"of", "from"} or (
                mention.preposition in WEAK_PREPOSITIONS and len(mentions) > 1
            ):
                continue
            return mention
        if (
            len(after) > 1
            and after[0] in {"that", "which", "should", "must", "so", "to"}
            and (set(after[1:]) & (HOLDERS - {"from", "with"}))
        ):
            return mention
    return None


def _strong(mentions: Sequence[PathMention]) -> PathMention | None:
    strong = [m for m in mentions if m.preposition in STRONG_PREPOSITIONS and not m.folder]
    return strong[-1] if strong else None


def _object(tokens: Sequence[Token], mentions: Sequence[PathMention]) -> PathMention | None:
    """As in "create count.txt from …", "overwrite the file a.txt": the verb's own object."""
    if not mentions or mentions[0].preposition:
        return None
    first = mentions[0]
    before = lowers(tokens[: first.start])
    if before <= _EMPTY_BEFORE and not (
        first.end < len(tokens) and tokens[first.end - 1].possessive
    ):
        later_weak = any(m.preposition in WEAK_PREPOSITIONS for m in mentions[1:])
        following = tokens[first.end].lower if first.end < len(tokens) else ""
        return first if following in _GLUE or not later_weak else None
    return None


def _weak(mentions: Sequence[PathMention]) -> PathMention | None:
    weak = [m for m in mentions if m.preposition in WEAK_PREPOSITIONS and not m.folder]
    return weak[-1] if weak else None


def _is_source(tokens: Sequence[Token], mention: PathMention) -> bool:
    """As in "the words in notes.txt": the place belongs to what is counted."""
    before = tokens[mention.start - 1].lower if mention.start else ""
    return before in METRIC_NOUNS or before in CONTENT_NOUNS or before in {"are", "is"}


def _value_tokens(tokens: list[Token], mention: PathMention) -> list[Token]:
    before, after = tokens[: mention.start], tokens[mention.end :]
    glued = bool(after) and (after[0].lower in _GLUE or after[0].lower == "should")
    while after and (after[0].lower in _GLUE | {"should", "must", "the:"}):
        stop = after[0].lower == ":"
        after = after[1:]
        if stop:
            break
    if not after:
        return _trimmed(before)
    if glued and any(t.kind is Kind.QUOTED for t in before) and lowers(before) & {""}:
        raise NotUnderstoodError("it names two texts for one file")
    if metrics_in([*before, *after], cue=False)[0] and not glued:
        return _trimmed([*before, *after])
    meaningful = [t for t in before if t.kind is Kind.QUOTED or t.lower not in _EMPTY_BEFORE]
    content_only = all(
        t.lower in CONTENT_NOUNS | METRIC_NOUNS.keys() | {"of", "to"} for t in meaningful
    )
    named = any(t.kind is Kind.QUOTED for t in after) or bool(path_mentions(after))
    if not (glued or named or mention.preposition):
        raise NotUnderstoodError("it does not say plainly which text is meant")
    if glued or content_only:
        return after
    require_known(after)
    if path_mentions(after):
        raise NotUnderstoodError("it can write one file at a time")
    return _trimmed(before)


def _trimmed(tokens: list[Token]) -> list[Token]:
    while tokens and tokens[-1].lower in {",", ":", "out", "down", "it:", "over", "back"}:
        tokens = tokens[:-1]
    return tokens
