"""Public addresses, but not private, reserved or everybody's."""

import pytest

from tests.fixtures.scanning import found

NAME = "ip_addresses"


class TestIpAddresses:
    @pytest.mark.parametrize("address", ["93.184.216.34", "2a02:810a:8340::1f3c"])
    def test_public(self, address: str) -> None:
        assert found(NAME, f"from {address}, at noon") == [address]

    @pytest.mark.parametrize(
        "text",
        ["10.0.0.1", "127.0.0.1", "192.168.1.1", "8.8.8.8", "999.1.1.1", "1.2.3.4.5", "version 5.6.7.8",
         "v5.6.7.8", "::1", "fe80::1", "2001:db8::1", "12:30:45", "a::b", "std::vector"],
    )  # fmt: skip
    def test_none(self, text: str) -> None:
        assert found(NAME, text) == []
