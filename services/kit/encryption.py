"""Encrypts the secrets that are stored in the database: AES-256-GCM under NOVA_SECRET_KEY.

A sealed text is `<key id>.<base64url of nonce, ciphertext and tag>`. The key is derived from
NOVA_SECRET_KEY for this one use; its id tells a value that another NOVA_SECRET_KEY has sealed from
one that was damaged. `purpose` says what the secret belongs to and has to be the same for opening,
so that a sealed text moved to another row opens nothing.
"""

import base64
import binascii
import hashlib
import hmac
import os

_NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random
_KEY_ID_LENGTH = 8


class NotDecryptable(Exception):
    """The sealed text can't be opened: another NOVA_SECRET_KEY, another purpose, or damage."""


def encrypt(secret_key: str, text: str, *, purpose: str) -> str:
    # Lazy: it costs 10 MB, and only what stores or uses such a secret needs it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    key = _derive(secret_key)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), purpose.encode())
    return f"{_key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(secret_key: str, sealed: str, *, purpose: str) -> str:
    """The text that was sealed for `purpose`. Raises NotDecryptable."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - lazy, as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    key = _derive(secret_key)
    key_id, _, content = sealed.partition(".")
    if key_id != _key_id(key):
        raise NotDecryptable(f"It was encrypted with another NOVA_SECRET_KEY (key id {key_id!r}).")
    try:
        raw = base64.urlsafe_b64decode(content.encode())
        opened = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise NotDecryptable("The encrypted text is damaged or belongs elsewhere.") from error
    return opened.decode()


def _derive(secret_key: str) -> bytes:
    return hmac.new(secret_key.encode(), b"nova:encryption", hashlib.sha256).digest()


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"nova:key-id" + key).hexdigest()[:_KEY_ID_LENGTH]
