"""Signed tokens, standard library only: the dashboard's session, its CSRF token, the login link.

A token is `<payload>.<signature>`, both base64url; the signature is HMAC-SHA256 with a key derived
from NOVA_SECRET_KEY for one purpose, so that one kind of token never passes for another.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass

LOGIN_SECONDS = 600
SESSION_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Token:
    """A verified token's content; `expires_at` in Unix seconds."""

    token_id: str
    subject: str
    expires_at: int


def make_login_token(secret_key: str) -> str:
    """A token for one login within ten minutes; the orchestrator refuses its second use."""
    return _make(secret_key, "login", "admin", LOGIN_SECONDS)


def read_login_token(secret_key: str, token: str) -> Token | None:
    return _read(secret_key, "login", token)


def make_session_token(secret_key: str, *, subject: str) -> str:
    return _make(secret_key, "session", subject, SESSION_SECONDS)


def read_session_token(secret_key: str, token: str) -> Token | None:
    """The session, or None if the signature is wrong or the time is up."""
    return _read(secret_key, "session", token)


def csrf_token(secret_key: str, session: Token) -> str:
    """The token that a write within `session` has to carry."""
    key = _derive(secret_key, "csrf")
    return hmac.new(key, session.token_id.encode(), hashlib.sha256).hexdigest()


def _derive(secret_key: str, purpose: str) -> bytes:
    return hmac.new(secret_key.encode(), f"nova:{purpose}".encode(), hashlib.sha256).digest()


def _make(secret_key: str, purpose: str, subject: str, seconds: int) -> str:
    content = {
        "id": secrets.token_hex(16),
        "sub": subject,
        "exp": int(time.time()) + seconds,
    }
    payload = _encode(json.dumps(content, separators=(",", ":")).encode())
    return f"{payload}.{_sign(secret_key, purpose, payload)}"


def _read(secret_key: str, purpose: str, token: str) -> Token | None:
    payload, _, signature = token.partition(".")
    expected = _sign(secret_key, purpose, payload)
    if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
        return None
    content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if content["exp"] < time.time():
        return None
    return Token(token_id=content["id"], subject=content["sub"], expires_at=content["exp"])


def _sign(secret_key: str, purpose: str, payload: str) -> str:
    key = _derive(secret_key, purpose)
    return _encode(hmac.new(key, payload.encode(errors="replace"), hashlib.sha256).digest())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
