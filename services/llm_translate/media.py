"""Images and files by address: LiteLLM would fetch them from here, into whatever network this is."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from contracts.translate import TranslateCode
from services.llm_translate.call import JsonDict
from services.llm_translate.failures import Untranslatable

_INLINE = "data:"
_REMOTE = ("http:", "https:", "gs:", "s3:", "ftp:", "file:", "//")
_LONGEST_SHOWN = 100
_FIELDS = ("url", "file_id", "file_data", "file_url", "data", "image_url", "video_url")

Passes = Callable[[str, str], bool]
"""Whether the provider is given this address to fetch it itself: the part's type, the address."""


def refuse_remote_media(messages: list[JsonDict], passes: Passes) -> None:
    """Raises Untranslatable at the first address that the provider won't fetch itself."""
    for message in messages:
        content: Any = message.get("content")
        if not isinstance(content, list):
            continue
        for part in cast("list[Any]", content):
            if not isinstance(part, dict):
                continue
            kind = str(cast("JsonDict", part).get("type"))
            for address in _addresses(cast("JsonDict", part)):
                if not passes(kind, address):
                    raise Untranslatable(
                        f"{address[:_LONGEST_SHOWN]} is not fetched for this provider: send the "
                        "image or file itself, as a data: URL.",
                        code=TranslateCode.REMOTE_MEDIA,
                    )


def nothing_passes(_kind: str, _address: str) -> bool:
    return False


def _addresses(part: JsonDict) -> Iterator[str]:
    """Everything in a part that LiteLLM may take for an address, however deep it stands."""
    for name, value in part.items():
        if isinstance(value, dict):
            yield from _addresses(cast("JsonDict", value))
        elif name in _FIELDS and isinstance(value, str):
            address = value.lstrip()
            if not address.startswith(_INLINE) and address.lower().startswith(_REMOTE):
                yield address
