"""Secrets sealed for the database: they open with the same key and purpose, and with nothing else."""

import base64

import pytest

from services.kit.encryption import NotDecryptable, decrypt, encrypt

KEY = "ab" * 32


class TestEncrypt:
    @pytest.mark.parametrize("text", ["", "s3cret", "Grüße 🔑", "x" * 100_000, "a\nb\0c"])
    def test_what_was_sealed_opens(self, text: str):
        assert decrypt(KEY, encrypt(KEY, text, purpose="webhook 1"), purpose="webhook 1") == text

    def test_the_same_text_is_never_sealed_the_same_way(self):
        sealed = {encrypt(KEY, "s3cret", purpose="p") for _ in range(50)}
        assert len(sealed) == 50

    def test_the_text_does_not_show(self):
        sealed = encrypt(KEY, "s3cret", purpose="p")
        assert "s3cret" not in sealed
        assert b"s3cret" not in base64.urlsafe_b64decode(sealed.partition(".")[2])

    def test_a_key_has_one_id(self):
        ids = {encrypt(KEY, text, purpose=text).partition(".")[0] for text in ("a", "b", "c")}
        assert len(ids) == 1


class TestDecrypt:
    def test_another_key_is_named_as_the_reason(self):
        sealed = encrypt(KEY, "s3cret", purpose="p")
        with pytest.raises(NotDecryptable, match="another NOVA_SECRET_KEY"):
            decrypt("cd" * 32, sealed, purpose="p")

    def test_another_purpose_opens_nothing(self):
        with pytest.raises(NotDecryptable, match="belongs elsewhere"):
            decrypt(KEY, encrypt(KEY, "s3cret", purpose="webhook 1"), purpose="webhook 2")

    def test_every_changed_byte_is_noticed(self):
        key_id, _, content = encrypt(KEY, "s3cret", purpose="p").partition(".")
        raw = base64.urlsafe_b64decode(content)
        for place in range(len(raw)):
            changed = bytearray(raw)
            changed[place] ^= 1
            sealed = f"{key_id}.{base64.urlsafe_b64encode(bytes(changed)).decode()}"
            with pytest.raises(NotDecryptable):
                decrypt(KEY, sealed, purpose="p")

    @pytest.mark.parametrize("content", ["", "A", "AAAA", "not base64!", "é", "AAAA" * 8])
    def test_damaged_text_is_refused(self, content: str):
        key_id = encrypt(KEY, "s3cret", purpose="p").partition(".")[0]
        with pytest.raises(NotDecryptable):
            decrypt(KEY, f"{key_id}.{content}", purpose="p")

    @pytest.mark.parametrize("sealed", ["", ".", "nothing"])
    def test_what_was_never_sealed_is_refused(self, sealed: str):
        with pytest.raises(NotDecryptable):
            decrypt(KEY, sealed, purpose="p")
