"""Signed tokens: only what we signed, for what we signed it, until its time is up."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit import session_tokens
from services.kit.session_tokens import (
    csrf_token,
    make_login_token,
    make_session_token,
    read_login_token,
    read_session_token,
)

KEY, OTHER = "ab" * 32, "cd" * 32
TOKEN = make_session_token(KEY, subject="owner")


def test_its_content() -> None:
    before = int(time.time())
    session = read_session_token(KEY, make_session_token(KEY, subject="Jürgen"))
    assert session is not None
    assert session.subject == "Jürgen"
    assert session.expires_at >= before + session_tokens.SESSION_SECONDS
    login = read_login_token(KEY, make_login_token(KEY))
    assert login is not None
    assert login.subject == "admin"
    assert login.expires_at <= time.time() + session_tokens.LOGIN_SECONDS


def test_each_is_its_own() -> None:
    tokens = [read_login_token(KEY, make_login_token(KEY)) for _ in range(100)]
    assert len({token.token_id for token in tokens if token}) == 100


def test_one_purpose_never_passes_for_another() -> None:
    assert read_login_token(KEY, make_session_token(KEY, subject="admin")) is None
    assert read_session_token(KEY, make_login_token(KEY)) is None
    session = read_session_token(KEY, TOKEN)
    assert session is not None
    payload = TOKEN.partition(".")[0]
    assert read_session_token(KEY, f"{payload}.{csrf_token(KEY, session)}") is None


def test_another_key() -> None:
    assert read_session_token(OTHER, TOKEN) is None
    session = read_session_token(KEY, TOKEN)
    assert session is not None
    assert csrf_token(KEY, session) != csrf_token(OTHER, session)


def test_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    session = read_session_token(KEY, TOKEN)
    assert session is not None
    monkeypatch.setattr(time, "time", lambda: session.expires_at)
    assert read_session_token(KEY, TOKEN) is not None
    monkeypatch.setattr(time, "time", lambda: session.expires_at + 0.001)
    assert read_session_token(KEY, TOKEN) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters(exclude_categories=()))
def test_any_changed_character_is_refused(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert (read_session_token(KEY, changed) is None) == (changed != TOKEN)


@given(st.integers(0, len(TOKEN)), st.text(st.characters(exclude_categories=()), min_size=1))
def test_any_inserted_text_is_refused(place: int, text: str) -> None:
    assert read_session_token(KEY, TOKEN[:place] + text + TOKEN[place:]) is None


@given(st.integers(0, len(TOKEN) - 1), st.integers(1, 80))
def test_any_missing_part_is_refused(start: int, length: int) -> None:
    assert read_session_token(KEY, TOKEN[:start] + TOKEN[start + length :]) is None


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    assert read_session_token(KEY, text) is None
    assert read_login_token(KEY, text) is None


@given(st.text(max_size=50), st.integers(0, 2**40))
def test_a_content_of_one_s_own_is_refused(subject: str, end: int) -> None:
    content = json.dumps({"id": "x", "sub": subject, "exp": end}).encode()
    payload = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    signature = TOKEN.partition(".")[2]
    assert read_session_token(KEY, f"{payload}.{signature}") is None
    assert read_session_token(KEY, f"{payload}.") is None
