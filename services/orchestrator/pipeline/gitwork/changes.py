"""A diff within bounds: each file keeps its fair share, and what was cut is told."""

import re

from services.orchestrator.engine.context.estimate import text_tokens

_FILE = re.compile(r"^diff --git ", re.MULTILINE)
_SHORTEST = 200


def fit_changes(changes: str, characters: int) -> str:
    """The diff in at most about so many characters: the largest files' parts are cut at the end.

    Where even that leaves too little for each, the last files are left out; the list of all files,
    which `git diff --stat` puts first, names them.
    """
    if len(changes) <= characters:
        return changes
    starts = [match.start() for match in _FILE.finditer(changes)]
    bounds = zip([0, *starts], [*starts, len(changes)], strict=True)
    parts = [changes[start:end] for start, end in bounds if end > start]
    kept = parts[: max(1, characters // (2 * _SHORTEST))]
    limit = _largest_share([len(part) for part in kept], characters)
    shown = "".join(_cut(part, limit) for part in kept)
    left_out = len(parts) - len(kept)
    return shown + (f"[… the changes of {left_out} more files left out …]\n" if left_out else "")


def fit_changes_to_tokens(changes: str, tokens: int) -> str:
    """As fit_changes, for a model's window."""
    needed = text_tokens(changes)
    if needed <= tokens:
        return changes
    characters = int(len(changes) * max(tokens, 0) / needed)
    shown = fit_changes(changes, characters)
    while characters > _SHORTEST and text_tokens(shown) > tokens:
        characters = int(characters * 0.9)
        shown = fit_changes(changes, characters)
    return shown


def _largest_share(sizes: list[int], room: int) -> int:
    """What each may take so that all together take `room`; what small ones leave, others get."""
    left, limit = room, 0
    for count, size in zip(range(len(sizes), 0, -1), sorted(sizes), strict=True):
        limit = max(left, 0) // count
        if size > limit:
            break
        left -= size
    return limit


def _cut(part: str, limit: int) -> str:
    if len(part) <= limit:
        return part
    # Whole lines, so that no half of one is taken for all of it; a single huge one is cut.
    end = part.rfind("\n", 0, limit) + 1 or limit
    lines = part.count("\n", end) + (not part.endswith("\n"))
    return f"{part[:end].rstrip()}\n[… {lines} more lines left out …]\n"
