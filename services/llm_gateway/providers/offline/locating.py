"""What "there" and "in that folder" mean: the folder that was listed before."""

from collections.abc import Sequence

from services.llm_gateway.providers.offline.scope import Scope
from services.llm_gateway.providers.offline.tokens import Token
from services.llm_gateway.providers.offline.vocabulary import FOLDER_NOUNS

_EXISTENCE = frozenset(("are", "is", "was", "were"))
_POINTING = frozenset(("that", "this", "same", "it"))
_PLACING = frozenset(("in", "from", "inside", "within", "to", "into", "of"))


def without_reference(tokens: Sequence[Token], scope: Scope) -> Sequence[Token]:
    """The tokens without the reference; names in the clause are then names in that folder."""
    scope.within = None
    if scope.last_folder is None:
        return tokens
    for index in range(len(tokens)):
        length = _reference_at(tokens, index)
        if length:
            scope.within = scope.last_folder
            return [*tokens[:index], *tokens[index + length :]]
    return tokens


def _reference_at(tokens: Sequence[Token], index: int) -> int:
    """How many tokens the reference that begins here takes; 0 if none does."""
    if tokens[index].lower == "there":
        around = [*tokens[max(index - 1, 0) : index], *tokens[index + 1 : index + 2]]
        return 0 if any(token.lower in _EXISTENCE for token in around) else 1
    if tokens[index].lower not in _PLACING:
        return 0
    end, pointing = index + 1, False
    while end < len(tokens) and tokens[end].lower in _POINTING | {"the"}:
        pointing = pointing or tokens[end].lower in _POINTING
        end += 1
    closed = end < len(tokens) and tokens[end].lower in FOLDER_NOUNS
    return end + 1 - index if pointing and closed else 0
