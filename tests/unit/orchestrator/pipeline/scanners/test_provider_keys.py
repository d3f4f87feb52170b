"""Keys in their issuers' shapes: found whole, and only where they are one."""

import random

import pytest

from tests.fixtures.scanner_corpus import provider_keys
from tests.fixtures.scanning import found, hits

KEYS = provider_keys(random.Random(1))
NAME = "provider_keys"


class TestProviderKeys:
    @pytest.mark.parametrize("issuer", KEYS)
    def test_the_whole_key_and_nothing_else(self, issuer: str) -> None:
        key = KEYS[issuer]
        assert found(NAME, f"before {key}, after") == [key]
        assert found(NAME, f'"{key}"\n{key}') == [key, key]

    @pytest.mark.parametrize("issuer", [name for name in KEYS if name != "jwt"])
    def test_it_blocks_and_is_a_secret(self, issuer: str) -> None:
        (hit,) = hits(NAME, KEYS[issuer])
        assert (hit.severity, hit.blocks, hit.secret) == ("critical", True, True)

    def test_a_signed_token_does_not_block(self) -> None:
        (hit,) = hits(NAME, KEYS["jwt"])
        assert (hit.severity, hit.blocks, hit.secret) == ("high", False, True)

    @pytest.mark.parametrize("issuer", KEYS)
    def test_a_part_of_a_longer_word_is_none(self, issuer: str) -> None:
        assert found(NAME, f"{'x' * 8}{KEYS[issuer]}") == []

    @pytest.mark.parametrize(
        "text",
        ["AKIA" + "IOSFODNN7EXAMPLE", "ghp_" + "x" * 36, "sk-" + "0" * 48, "glpat-<your token>"],
    )
    def test_what_only_shows_the_place_of_one_is_none(self, text: str) -> None:
        assert found(NAME, text) == []

    @pytest.mark.parametrize("kind", ["RSA ", "", "OPENSSH ", "ENCRYPTED "])
    @pytest.mark.parametrize("newline", ["\n", "\\n", "\r\n"])
    def test_a_private_key_is_one_hit(self, kind: str, newline: str) -> None:
        body = newline.join(["Ab3d/" * 12] * 4)
        head, end = f"-----BEGIN {kind}PRIVATE KEY-----", f"-----END {kind}PRIVATE KEY-----"
        key = f"{head}{newline}{body}{newline}{end}"
        assert found(NAME, f"x {key} y") == [key]
        assert len(found(NAME, f"{head}{newline}{body}")) == 1
        assert found(NAME, f"{head} and {end}") == []
