"""What is to be embedded: texts, or lists of tokens, each checked before any is sent."""

from typing import Any, TypeAlias, cast

from services.kit.errors import Invalid

Item: TypeAlias = str | list[int]
"""A text, or one text's tokens."""

MOST_ITEMS = 10_000
MOST_CHARACTERS = 200_000
_MOST_TOKENS = 20_000
_HIGHEST_TOKEN = 2**31


def items_of(given: Any, *, field: str) -> list[Item]:
    """OpenAI's four forms: a text, texts, tokens, lists of tokens. Raises Invalid, naming the place."""
    if isinstance(given, str):
        check_text(given, place=field)
        return [given]
    if not isinstance(given, list) or not given:
        raise Invalid(f"{field}: a text or a list of texts is needed.")
    values = cast("list[Any]", given)
    if isinstance(values[0], int):
        return [_tokens(values, place=field)]
    if len(values) > MOST_ITEMS:
        raise Invalid(f"{field}: {len(values)} texts are too many for one call; send {MOST_ITEMS}.")
    return [_item(value, place=f"{field}[{place}]") for place, value in enumerate(values)]


def check_text(text: str, *, place: str) -> None:
    """Raises Invalid for a text that some model can't read."""
    if not text:
        raise Invalid(f"{place}: the text is empty.")
    if len(text) > MOST_CHARACTERS:
        raise Invalid(
            f"{place}: {len(text)} characters are too many for one text; {MOST_CHARACTERS} are the "
            "most, and most models read far fewer. Split it."
        )
    if "\x00" in text:
        raise Invalid(f"{place}: the text contains the NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid(
            f"{place}: the text is no valid Unicode (unpaired surrogate found)."
        ) from error


def _item(value: Any, *, place: str) -> Item:
    if isinstance(value, str):
        check_text(value, place=place)
        return value
    if isinstance(value, list):
        return _tokens(cast("list[Any]", value), place=place)
    raise Invalid(f"{place}: a text or a list of tokens is needed.")


def _tokens(values: list[Any], *, place: str) -> list[int]:
    if not values or len(values) > _MOST_TOKENS:
        raise Invalid(f"{place}: {len(values)} tokens; 1 to {_MOST_TOKENS} can be embedded.")
    for value in values:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _HIGHEST_TOKEN:
            raise Invalid(f"{place}: tokens must be whole numbers from 0 up.")
    return values
