"""E-mail addresses, in any script, but not those that are nobody's."""

import pytest

from tests.fixtures.scanning import found

NAME = "email_addresses"


class TestEmailAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "a@b.de",
            "first.last+tag@sub.company.co.uk",
            "иван@почта.рф",
            "用户@例子.公司",
            "o-k@x-y.io",
        ],
    )
    def test_found_whole(self, address: str) -> None:
        assert found(NAME, f"<{address}>, ") == [address]
        assert found(NAME, f"an {address}.") == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "support@example.com",
            "x@sub.example.org",
            "me@host.test",
            "git@github.com:a/b",
            "noreply@company.com",
            "@decorator.name",
            "user@localhost",
            "a@b@c.de",
            "https://user:pw@host.com/",
        ],
    )
    def test_none(self, text: str) -> None:
        assert found(NAME, text) == []
