"""How many tokens a text may take: an estimate from above, since no tokenizer is everybody's."""

import math

_ASCII_PER_TOKEN = 3.0
_OTHER_BYTES_PER_TOKEN = 2.0
_PER_MEMORY = 4


def estimate_tokens(text: str) -> int:
    """English takes about 4.2 characters a token, code 3, other scripts 2 to 3 bytes; and a few
    tokens for whatever sets one memory off from the next.
    """
    ascii_characters = sum(map(str.isascii, text))
    other_bytes = len(text.encode()) - ascii_characters
    tokens = ascii_characters / _ASCII_PER_TOKEN + other_bytes / _OTHER_BYTES_PER_TOKEN
    return math.ceil(tokens) + _PER_MEMORY
