"""Reads providers' model lists: what each says of a model, whatever shape it has."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import orjson

from services.llm_gateway.models.prices import NOTHING, ModelFacts, facts_of

Listing = dict[str, ModelFacts]
"""Facts by the provider's own name of the model, in its order."""

Get = Callable[[str], Awaitable[bytes]]
"""The content at an address, asked with the provider's key. Raises ProviderDown or UpstreamError."""

Catalogue = Callable[[Get, str], Awaitable[Listing]]
"""The list of the server at a base address."""

Entry = Mapping[str, Any]
Read = Callable[[Entry], ModelFacts | None]
"""An entry's facts; None for one that can't be called."""

_MILLION = Decimal(1_000_000)


def nothing_more(_entry: Entry) -> ModelFacts | None:
    return NOTHING


def listed(read: Read = nothing_more, *, path: str = "/models") -> Catalogue:
    """OpenAI's GET /models, with what the vendor adds to an entry."""

    async def catalogue(get: Get, base: str) -> Listing:
        return read_entries(await get(base + path), read)

    return catalogue


PLAIN_LIST = listed()
"""Names, and nothing about them."""


def read_entries(content: bytes, read: Read, *, name: str = "id") -> Listing:
    """{} if the answer has another shape."""
    found: Listing = {}
    for entry in entries(content):
        given = entry.get(name)
        facts = read(entry) if isinstance(given, str) and given else None
        if facts is not None:
            found[str(given)] = facts
    return found


def entries(content: bytes) -> list[Entry]:
    """The objects of a list that stands alone or under "data" or "models"."""
    try:
        parsed: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return []
    if isinstance(parsed, Mapping):
        whole = cast("Entry", parsed)
        parsed = whole.get("data", whole.get("models"))
    if not isinstance(parsed, list):
        return []
    return [
        cast("Entry", entry) for entry in cast("list[Any]", parsed) if isinstance(entry, Mapping)
    ]


def json_object(content: bytes) -> Entry:
    """{} for anything else."""
    try:
        parsed: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return cast("Entry", parsed) if isinstance(parsed, Mapping) else {}


def inner(entry: Entry, *path: str) -> Any:
    """What stands under these names, None where a step is missing."""
    value: Any = entry
    for name in path:
        value = cast("Entry", value).get(name) if isinstance(value, Mapping) else None
    return value


def whole(value: Any) -> int | None:
    """A count of tokens, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 < value < 2**40 else None


def texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(item for item in cast("list[Any]", value) if isinstance(item, str))


def priced(prompt: Any, completion: Any, cached: Any = None) -> ModelFacts:
    """A price from USD per token, as text or number; a negative one means that it varies."""
    given = {
        name: _per_million(value)
        for name, value in (("input", prompt), ("output", completion), ("cached_input", cached))
    }
    return facts_of({name: value for name, value in given.items() if value is not None}, "provider")


def _per_million(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price * _MILLION if price.is_finite() and price >= 0 else None
