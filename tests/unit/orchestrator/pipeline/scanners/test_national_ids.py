"""National numbers of persons."""

import pytest

from tests.fixtures.scanning import found

NAME = "national_ids"


class TestNationalIds:
    @pytest.mark.parametrize("number", ["219-09-9998", "AB 12 34 56 C", "12345678Z"])
    def test_found(self, number: str) -> None:
        assert found(NAME, f"number {number}, yes") == [number]

    @pytest.mark.parametrize(
        "text",
        ["000-12-3456", "666-12-3456", "912-12-3456", "12345678A", "GB 12 34 56 A", "100-200-300"],
    )
    def test_none(self, text: str) -> None:
        assert found(NAME, text) == []
