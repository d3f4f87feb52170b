"""Phone numbers in several countries' ways of writing, and figures that are none."""

import pytest

from tests.fixtures.scanning import found

NAME = "phone_numbers"


class TestPhoneNumbers:
    @pytest.mark.parametrize(
        "number",
        ["+49 171 2345678", "+1-212-736-5000", "+33 6 12 34 56 78", "(212) 736-5000", "212.736.5000",
         "+٩٧١ ٥٠ ١٢٣ ٤٥٦٧", "+442071234567"],
    )  # fmt: skip
    def test_found_whole(self, number: str) -> None:
        assert found(NAME, f"at {number}, please") == [number]

    @pytest.mark.parametrize(
        ("text", "number"),
        [("Tel.: 030/2312504", "030/2312504"), ("手机：138 0013 8000", "138 0013 8000"),
         ("Handy Nr. 0171 2345678", "0171 2345678")],
    )  # fmt: skip
    def test_what_is_called_one(self, text: str, number: str) -> None:
        assert found(NAME, text) == [number]

    @pytest.mark.parametrize(
        "text",
        ["2026-11-23 10:15:00", "3.14159265358979", "212-555-0142", "1200 1300 1400", "192.168.100.200",
         "total +12", "id 20261123101500", "phone numbers: 12"],
    )  # fmt: skip
    def test_none(self, text: str) -> None:
        assert found(NAME, text) == []
